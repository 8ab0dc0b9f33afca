import type { LiveNote } from '../live-note.ts'

/** The PostgreSQL channel that carries the notes. */
export const liveChannel = 'live'

type Kind = LiveNote['kind']
type Columns<K extends Kind> = Record<Exclude<keyof Extract<LiveNote, { kind: K }>, 'kind' | 'cause'>, string>

/** `query` puts the traceparent of the running request in its place. */
export const cause = '$cause'

/** The SQL that announces a change in the statement that makes it. `columns` maps each field to its SQL expression. */
export const announce = <K extends Kind>(kind: K, columns: Columns<K>): string => {
  const pairs = Object.entries<string>(columns).map(([name, value]) => `'${name}', ${value}`)
  return `pg_notify('${liveChannel}', json_build_object('kind', '${kind}', ${pairs.join(', ')}, 'cause', ${cause}::text)::text)`
}

/** A column of the statement's answer: announces one change for each of `rows`. */
export const announceEach = <K extends Kind>(kind: K, rows: string, columns: Columns<K>): string =>
  `(SELECT count(${announce(kind, columns)}) FROM ${rows})`
