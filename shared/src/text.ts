import * as z from 'zod/mini'
import type { FieldCode } from './errors.ts'

/** What people call characters, near enough, and exactly what PostgreSQL's `length` counts: an emoji is one. */
export const lengthOf = (text: string): number => [...text].length

export const messageMostLines = 30

/** Invisible, and it joins nothing: two texts that differ only in these look the same. */
const joinsNothing = /[\u00ad\u200b\u2060-\u2064\ufeff]/g

/** As the API keeps a text of several lines. */
export const tidied = (text: string): string =>
  text
    .replace(joinsNothing, '')
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/\n(?:[^\S\n]*\n){2,}/g, '\n\n')
    .trim()
    .normalize('NFC')

const inOneLine = (text: string): string => tidied(text).replace(/\s+/g, ' ')

const isBlank = (text: string): boolean => /^[\p{Default_Ignorable_Code_Point}\s\u2800]*$/u.test(text)
/** It makes what follows read otherwise than it is written. The marks for one place, U+200E and U+200F, do not. */
const turnsDirection = (text: string): boolean => /[\u202a-\u202e\u2066-\u2069]/.test(text)
export const hasControls = (text: string): boolean => /[^\P{Cc}\t\n]/u.test(text)

type Rules = { most: number; mostLines?: number; blank: FieldCode | string; tooLong?: FieldCode | string }

/** Something that people write. */
export const writtenText = ({ blank, ...rules }: Rules) =>
  z.string({ error: ({ input }) => (input === undefined || input === null ? blank : 'must be text') }).check(
    ...shape(rules),
    z.refine((text) => !isBlank(text), blank),
    ...limits(rules),
  )

/** The same, where nothing is something. */
export const optionalText = (rules: Omit<Rules, 'blank'>) => z.string().check(...shape(rules), ...limits(rules))

const shape = ({ mostLines = 1 }: Pick<Rules, 'mostLines'>) => [z.overwrite(mostLines === 1 ? inOneLine : tidied)]

const limits = ({ most, mostLines = 1, tooLong = `may have ${most} characters` }: Omit<Rules, 'blank'>) => [
  z.refine<string>((text) => lengthOf(text) <= most, tooLong),
  z.refine<string>((text) => text.split('\n').length <= mostLines, `may have ${mostLines} lines`),
  z.refine<string>((text) => !hasControls(text), 'has a character that cannot be shown'),
  z.refine<string>((text) => !turnsDirection(text), 'has a character that turns the direction of the text'),
]

/** A position in a list, as the API gave it. */
export const cursor = () => z.string().check(z.maxLength(300), z.regex(/^[\w-]+$/, 'is not a cursor of this API'))

/** How much of a list one asks for. */
export const pageFields = () => ({
  after: z.optional(cursor()),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(50)), 20),
})

/** A list's beginning, or what follows the cursor. */
export type PageRequest = { after?: string | undefined; limit: number }

/** Give it as `after` to read on; null at the end. */
export const NextCursor = z.nullable(z.string())
