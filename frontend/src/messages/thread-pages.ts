import type { Message, MessageGroup, MessageGroups, MessageThread } from '@cruddur/shared/messages'
import type { UnsentMessage } from './unsent-messages.ts'

const inOrder = (one: Message, other: Message): number =>
  one.created_at < other.created_at
    ? -1
    : one.created_at > other.created_at
      ? 1
      : one.uuid < other.uuid
        ? -1
        : one.uuid > other.uuid
          ? 1
          : 0

const united = (...lists: readonly (readonly Message[])[]): Message[] =>
  [...new Map(lists.flat().map((message) => [message.uuid, message])).values()].sort(inOrder)

/** Oldest first, each once. The first page is the newest. */
export const messagesOf = (pages: readonly MessageThread[]): Message[] =>
  united(...pages.map(({ messages }) => messages))

/**
 * The newest page, read again. Where it meets what was read before, the older pages begin where they did: nothing that is
 * shown is read twice, for a message never changes.
 */
export const mergedNewest = (known: MessageThread | undefined, fresh: MessageThread): MessageThread => {
  const [oldest] = fresh.messages
  if (!known || !oldest || !known.messages.some(({ uuid }) => uuid === oldest.uuid)) return fresh
  return { ...fresh, messages: united(known.messages, fresh.messages), next_cursor: known.next_cursor }
}

export const withMessage = (pages: readonly MessageThread[], message: Message): MessageThread[] =>
  pages.map((page, index) => (index === 0 ? { ...page, messages: united(page.messages, [message]) } : page))

/** Its conversation comes first, and says what was said last. */
export const withSent = (pages: readonly MessageGroups[], sent: Message): MessageGroups[] => {
  const isOf = ({ uuid }: MessageGroup) => uuid === sent.message_group_uuid
  const group = pages.flatMap(({ message_groups }) => message_groups).find(isOf)
  if (!group) return [...pages]
  const first = { ...group, message: sent.message, created_at: sent.created_at }
  return pages.map((page, index) => {
    const others = page.message_groups.filter((each) => !isOf(each))
    return { ...page, message_groups: index === 0 ? [first, ...others] : others }
  })
}

/** Pages overlap when a conversation moved up in between. */
export const groupsOf = (pages: readonly MessageGroups[]): MessageGroup[] => {
  const known = new Map<string, MessageGroup>()
  for (const { message_groups } of pages)
    for (const group of message_groups) known.set(group.uuid, known.get(group.uuid) ?? group)
  return [...known.values()]
}

/** The browser's clock and the server's agree to about this. */
const graceMs = 500

/** What is on its way, less what has arrived already: its news may be quicker than its answer. */
export const stillUnsent = (
  unsent: readonly UnsentMessage[],
  messages: readonly Message[],
  author: string,
): UnsentMessage[] => {
  const arrived = messages.filter(({ handle }) => handle === author)
  return unsent.filter(({ state, message, writtenAt }) => {
    if (state !== 'sending') return true
    const index = arrived.findIndex(
      (one) => one.message === message && Date.parse(one.created_at) >= writtenAt - graceMs,
    )
    if (index < 0) return true
    arrived.splice(index, 1)
    return false
  })
}

const together = 5 * 60_000

export type Said = { message: Message; beginsDay: boolean; endsTurn: boolean }

const dayOf = (iso: string): string => new Date(iso).toDateString()

/** What one person says in one go is one turn. */
export const turns = (messages: readonly Message[]): Said[] =>
  messages.map((message, index) => {
    const before = messages[index - 1]
    const next = messages[index + 1]
    return {
      message,
      beginsDay: !before || dayOf(before.created_at) !== dayOf(message.created_at),
      endsTurn:
        !next ||
        next.handle !== message.handle ||
        dayOf(next.created_at) !== dayOf(message.created_at) ||
        Date.parse(next.created_at) - Date.parse(message.created_at) > together,
    }
  })

const weekday = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' })
const dayMs = 24 * 60 * 60_000

export const dayWords = (iso: string, now: number): string => {
  if (dayOf(iso) === new Date(now).toDateString()) return 'Today'
  if (dayOf(iso) === new Date(now - dayMs).toDateString()) return 'Yesterday'
  return weekday.format(new Date(iso))
}
