import type { LiveNote } from '../live-note.ts'

/** The PostgreSQL channel of live notes. */
export const liveChannel = 'live'

type Kind = LiveNote['kind']
type Columns<K extends Kind> = Record<Exclude<keyof Extract<LiveNote, { kind: K }>, 'kind' | 'cause'>, string>

/** `query` replaces this placeholder with a parameter: the traceparent of the running request. */
export const cause = '$cause'

/** SQL that announces a change in the statement that makes it. `columns` maps each field to an SQL expression. */
export const announce = <K extends Kind>(kind: K, columns: Columns<K>): string => {
  const pairs = Object.entries<string>(columns).map(([name, value]) => `'${name}', ${value}`)
  return `pg_notify('${liveChannel}', json_build_object('kind', '${kind}', ${pairs.join(', ')}, 'cause', ${cause}::text)::text)`
}

/** A result column that announces one change per row of `rows`. */
export const announceEach = <K extends Kind>(kind: K, rows: string, columns: Columns<K>): string =>
  `(SELECT count(${announce(kind, columns)}) FROM ${rows})`
