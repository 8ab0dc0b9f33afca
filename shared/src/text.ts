import * as z from 'zod/mini'
import type { FieldCode } from './errors.ts'

/** What people call characters, near enough, and exactly what PostgreSQL's `length` counts: an emoji is one. */
export const lengthOf = (text: string): number => [...text].length

/** PostgreSQL cannot keep it, and nobody can see it. */
export const isStorable = (text: string): boolean => !text.includes('\0')

type Rules = { most: number; blank: FieldCode | string; tooLong?: FieldCode | string }

/** Something that people write: without space around it, not empty, not too long. */
export const writtenText = ({ most, blank, tooLong = `may have ${most} characters` }: Rules) =>
  z.string({ error: ({ input }) => (input === undefined || input === null ? blank : 'must be text') }).check(
    z.overwrite((text) => text.replace(/\r\n?/g, '\n').trim().normalize('NFC')),
    z.minLength(1, blank),
    z.refine((text) => lengthOf(text) <= most, tooLong),
    z.refine(isStorable, 'has a character that cannot be kept'),
  )

/** The same, where nothing is something. */
export const optionalText = ({ most }: { most: number }) =>
  z.string().check(
    z.overwrite((text) => text.replace(/\r\n?/g, '\n').trim().normalize('NFC')),
    z.refine((text) => lengthOf(text) <= most, `may have ${most} characters`),
    z.refine(isStorable, 'has a character that cannot be kept'),
  )

/** A position in a list, as the API gave it. */
export const cursor = () => z.string().check(z.maxLength(300), z.regex(/^[\w-]+$/, 'is not a cursor of ours'))

/** How much of a list one asks for. */
export const pageFields = () => ({
  after: z.optional(cursor()),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(50)), 20),
})

/** A list's beginning, or what follows the cursor. */
export type PageRequest = { after?: string | undefined; limit: number }

/** Give it as `after` to read on; null at the end. */
export const NextCursor = z.nullable(z.string())
