import { announce, announceEach } from '../db/announce.ts'

/** A result column that announces changed notifications to every user in `told`. */
export const announceTo = (told: string): string =>
  `${announceEach('notifications', told, { user_uuid: `${told}.user_uuid` })} AS told`

type Change = { likes?: '+ 1' | '- 1'; replies?: '+ 1' | '- 1'; reposts?: '+ 1' | '- 1' }

/** Announces the new counters of the locked `row`. $1 is the user who changes them. */
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
