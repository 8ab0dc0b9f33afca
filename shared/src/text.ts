import * as z from 'zod/mini'
import type { FieldCode } from './errors.ts'

/** Counts characters like PostgreSQL's `length`: an emoji is one. */
export const lengthOf = (text: string): number => [...text].length

export const messageMaxLines = 30

/** Two texts that differ only in these characters look the same. */
const invisible = /[\u00ad\u200b\u2060-\u2064\ufeff]/g

/** The form in which the API stores a text of several lines. */
export const tidied = (text: string): string =>
  text
    .replace(invisible, '')
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/\n(?:[^\S\n]*\n){2,}/g, '\n\n')
    .trim()
    .normalize('NFC')

const inOneLine = (text: string): string => tidied(text).replace(/\s+/g, ' ')

const isBlank = (text: string): boolean => /^[\p{Default_Ignorable_Code_Point}\s\u2800]*$/u.test(text)
/** These change the direction of all following text. U+200E and U+200F mark only one place. */
const turnsDirection = (text: string): boolean => /[\u202a-\u202e\u2066-\u2069]/.test(text)
export const hasControls = (text: string): boolean => /[^\P{Cc}\t\n]/u.test(text)

type Rules = { maxLength: number; maxLines?: number; blank: FieldCode | string; tooLong?: FieldCode | string }

/** A text that people write. */
export const writtenText = ({ blank, ...rules }: Rules) =>
  z.string({ error: ({ input }) => (input === undefined || input === null ? blank : 'must be text') }).check(
    ...shape(rules),
    z.refine((text) => !isBlank(text), blank),
    ...limits(rules),
  )

/** The same, but it may be empty. */
export const optionalText = (rules: Omit<Rules, 'blank'>) => z.string().check(...shape(rules), ...limits(rules))

const shape = ({ maxLines = 1 }: Pick<Rules, 'maxLines'>) => [z.overwrite(maxLines === 1 ? inOneLine : tidied)]

const limits = ({
  maxLength,
  maxLines = 1,
  tooLong = `must have at most ${maxLength} characters`,
}: Omit<Rules, 'blank'>) => [
  z.refine<string>((text) => lengthOf(text) <= maxLength, tooLong),
  z.refine<string>((text) => text.split('\n').length <= maxLines, `must have at most ${maxLines} lines`),
  z.refine<string>((text) => !hasControls(text), 'has a character that is not allowed'),
  z.refine<string>((text) => !turnsDirection(text), 'has a character that changes the direction of text'),
]

/** A position in a list, from an earlier answer. */
export const cursor = () => z.string().check(z.maxLength(300), z.regex(/^[\w-]+$/, 'is not a cursor of this API'))

/** One page of a list. */
export const pageFields = () => ({
  after: z.optional(cursor()),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(50)), 20),
})

/** Without `after` this asks for the first page. */
export type PageRequest = { after?: string | undefined; limit: number }

/** Pass it as `after` to read the next page; null at the end. */
export const NextCursor = z.nullable(z.string())
