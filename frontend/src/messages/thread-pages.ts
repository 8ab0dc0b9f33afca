import type { Message, MessageGroup, MessageGroups, MessageThread } from '@cruddur/shared/messages'
import type { Unsent } from '../writing/outbox.ts'

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

/** Oldest first. The first page has the newest messages. */
export const messagesOf = (pages: readonly MessageThread[]): Message[] =>
  united(...pages.map(({ messages }) => messages))

/** A message never changes. If the new page overlaps the known one, the older messages are not fetched again. */
export const mergedNewest = (known: MessageThread | undefined, fresh: MessageThread): MessageThread => {
  const [oldest] = fresh.messages
  if (!known || !oldest || !known.messages.some(({ uuid }) => uuid === oldest.uuid)) return fresh
  return { ...fresh, messages: united(known.messages, fresh.messages), next_cursor: known.next_cursor }
}

export const withMessage = (pages: readonly MessageThread[], message: Message): MessageThread[] =>
  pages.map((page, index) => (index === 0 ? { ...page, messages: united(page.messages, [message]) } : page))

/** Moves the conversation of a sent message to the top of the list. */
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

/** How far the estimate of the server's clock may be off. */
const clockErrorMs = 500

/** Leaves out the texts whose message is shown already, because a live event may come before the answer. */
export const notArrived = (unsent: readonly Unsent[], messages: readonly Message[], author: string): Unsent[] => {
  const arrived = messages.filter(({ handle }) => handle === author)
  return unsent.filter(({ state, message, writtenAt }) => {
    if (state !== 'sending') return true
    const index = arrived.findIndex(
      (one) => one.message === message && Date.parse(one.created_at) >= writtenAt - clockErrorMs,
    )
    if (index < 0) return true
    arrived.splice(index, 1)
    return false
  })
}

const turnMs = 5 * 60_000

export type Turn = { message: Message; beginsDay: boolean; endsTurn: boolean }

const dayOf = (iso: string): string => new Date(iso).toDateString()

/** Messages of one person within a few minutes are one turn. */
export const inTurns = (messages: readonly Message[]): Turn[] =>
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
        Date.parse(next.created_at) - Date.parse(message.created_at) > turnMs,
    }
  })

const dayAndMonth = { weekday: 'long', day: 'numeric', month: 'long' } as const

export const dayWords = (iso: string, now: number): string => {
  const date = new Date(iso)
  const today = new Date(now)
  // By the calendar: when the clocks change, a day has 23 or 25 hours.
  const yesterday = new Date(now)
  yesterday.setDate(today.getDate() - 1)
  if (date.toDateString() === today.toDateString()) return 'Today'
  if (date.toDateString() === yesterday.toDateString()) return 'Yesterday'
  const isThisYear = date.getFullYear() === today.getFullYear()
  return date.toLocaleDateString('en', isThisYear ? dayAndMonth : { ...dayAndMonth, year: 'numeric' })
}
