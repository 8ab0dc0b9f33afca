import * as z from 'zod/mini'
import { invalidInput } from '../errors.ts'
import type { Position } from './activities.queries.ts'

const Fields = z.tuple([z.iso.datetime(), z.uuid()])

/** Where a page ended. Opaque to the page: its meaning may change with the order of the feed. */
export const encodeCursor = ({ createdAt, uuid }: Position): string =>
  Buffer.from(JSON.stringify([createdAt, uuid])).toString('base64url')

export const decodeCursor = (cursor: string): Position => {
  try {
    const [createdAt, uuid] = z.parse(Fields, JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { createdAt, uuid }
  } catch {
    throw invalidInput({ after: 'is not a cursor of ours' })
  }
}
