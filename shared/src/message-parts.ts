export type MessagePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `value` is the handle, the tag (lower case, without #) or the address. */
  | { readonly kind: 'mention' | 'hashtag' | 'link'; readonly text: string; readonly value: string }

const link = String.raw`https?:\/\/[^\s<>"']+`
const mention = `@[A-Za-z0-9_]{1,30}(?![A-Za-z0-9_])`
const hashtag = String.raw`#[\p{L}\p{N}_]{1,50}(?![\p{L}\p{N}_])`
// A mention or a tag starts where a word can start, not inside a link or a mail address.
const pattern = new RegExp(String.raw`(${link})|(?<![\p{L}\p{N}_@#&/.])(?:(${mention})|(${hashtag}))`, 'gu')

const afterLink = /[.,;:!?…'"”’)\]}]+$/

/** Splits a message. The page links exactly those tags and handles that the backend indexes and notifies. */
export const partsOf = (message: string): MessagePart[] => {
  const parts: MessagePart[] = []
  let end = 0
  const say = (until: number) => {
    if (until > end) parts.push({ kind: 'text', text: message.slice(end, until) })
  }
  for (const match of message.matchAll(pattern)) {
    const part = partOf(match)
    if (!part) continue
    say(match.index)
    parts.push(part)
    end = match.index + part.text.length
  }
  say(message.length)
  return parts
}

const partOf = ([, address, name, tag]: RegExpExecArray): MessagePart | null => {
  if (address) {
    const text = address.replace(afterLink, '')
    return URL.canParse(text) ? { kind: 'link', text, value: new URL(text).href } : null
  }
  if (name) return { kind: 'mention', text: name, value: name.slice(1).toLowerCase() }
  // "#1" is a number, not a tag.
  if (tag && /\p{L}/u.test(tag)) return { kind: 'hashtag', text: tag, value: tag.slice(1).toLowerCase() }
  return null
}

const valuesOf = (kind: 'mention' | 'hashtag', message: string): string[] => [
  ...new Set(partsOf(message).flatMap((part) => (part.kind === kind ? [part.value] : []))),
]

/** Unique handles. */
export const mentionsIn = (message: string): string[] => valuesOf('mention', message)
/** Unique tags, in lower case and without #. */
export const hashtagsIn = (message: string): string[] => valuesOf('hashtag', message)
