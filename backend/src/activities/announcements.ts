// In every statement that changes something, $1 is who does it and $2 the traceparent of what caused it.

/** The fields of a note, by the SQL that says them. */
export const announce = (kind: string, fields: Record<string, string>): string => {
  const pairs = Object.entries(fields).map(([name, value]) => `'${name}', ${value}`)
  return `pg_notify('live', json_build_object('kind', '${kind}', ${pairs.join(', ')}, 'traceparent', $2::text)::text)`
}

/** A column of the statement's answer, for all whose notifications it has changed. */
export const announceTo = (told: string): string =>
  `(SELECT count(${announce('notifications', { user_uuid: `${told}.user_uuid` })}) FROM ${told}) AS told`

type Change = { likes?: '+ 1' | '- 1'; replies?: '+ 1' | '- 1'; reposts?: '+ 1' | '- 1' }

/** What the counters of `row`, which is locked, will be. */
export const announceCounts = (row: string, { likes, replies, reposts }: Change): string =>
  announce('counts', {
    uuid: `${row}.uuid`,
    likes_count: `${row}.likes_count ${likes ?? ''}`.trim(),
    replies_count: `${row}.replies_count ${replies ?? ''}`.trim(),
    reposts_count: `${row}.reposts_count ${reposts ?? ''}`.trim(),
    by: '$1::uuid',
    liked: likes ? String(likes === '+ 1') : 'null',
    reposted: reposts ? String(reposts === '+ 1') : 'null',
  })
