import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { CollectedSpan } from './collector.ts'

type Reference = { ref: string }
type File = { attributes?: { key: string }[]; attribute_groups?: { attributes: Reference[] }[] }

const folder = new URL('../../shared/registry/', import.meta.url)

const known = new Set(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => parse(readFileSync(new URL(name, folder), 'utf8')) as File)
    .flatMap(({ attributes = [], attribute_groups = [] }) => [
      ...attributes.map(({ key }) => key),
      ...attribute_groups.flatMap((group) => group.attributes.map(({ ref }) => ref)),
    ]),
)

/** Attributes of spans, their events and resources that shared/registry does not have. */
export const unknownNames = (spans: readonly CollectedSpan[]): string[] => {
  const sent = spans.flatMap(({ attributes, resource, events }) =>
    [attributes, resource, ...events.map((event) => event.attributes)].flatMap(Object.keys),
  )
  return [...new Set(sent)].filter((name) => !known.has(name)).sort()
}
