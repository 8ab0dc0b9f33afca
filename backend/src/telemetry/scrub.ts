import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'

const longest = 8_192

/** Linear in the text, whatever it is: these read what strangers have sent. */
const secrets: readonly (readonly [RegExp, string | ((match: string) => string)])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi, '$1 [secret]'],
  [/\b((?:set-)?cookie["']?\s*[:=]\s*)[^\n]+/gi, '$1[secret]'],
  [/\/\/[^\s/:@]{1,100}:[^\s/@]{1,200}@/g, '//[secret]@'],
  [
    /((?:password|passwd|pwd|secret|token|authorization|api[_-]?key|access[_-]?key)["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&}\])]+)/gi,
    '$1[secret]',
  ],
  [/(?<![\w.+-])[\w.+-]+@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, '[mail]'],
  [/\?[\w.%[\]-]{1,100}=[^\s"')]*/g, (query) => redactQuery(query)],
  // PostgreSQL repeats the parameter that it could not read, or that stands in the way.
  [/((?:invalid|malformed|out of range|unrecognized)[^"\n]{0,120}: )"[^"\n]*"/gi, '$1"[value]"'],
  [/\b(value )"[^"\n]*"/gi, '$1"[value]"'],
  // To the last bracket of the line, in one go: a search for the nearest one from every `)=(` is quadratic.
  [/\)=\([^\n]*/g, (rest) => rest.replace(/^.*\)(?=[\s,.]|$)/, ')=([value])')],
]

const longestPart = 512

/** What a stranger may make as long as they like, at a length that a log line and an attribute can bear. */
export const shortened = (text: string): string => (text.length > longestPart ? `${text.slice(0, longestPart)}…` : text)

let own: readonly string[] = []

/** Our own keys and passwords, which are known by what they are, not by what stands before them. */
export const keepSecret = (values: readonly string[]): void => {
  own = values
}

/** The text without our own secrets, mail addresses, credentials, cookies, query strings and SQL parameters. */
export const scrubText = (text: string): string =>
  secrets.reduce(
    (clean, [pattern, replacement]) => clean.replace(pattern, replacement as string),
    own.reduce((clean, value) => clean.replaceAll(value, '[secret]'), text.slice(0, longest)),
  )

const harmless = /^(ready|limit=\d{1,6})$/

/** The names of an address's parameters tell what was asked; their values tell by whom and about whom. */
export const redactQuery = (url: string): string => {
  const [address = ''] = url.split('#', 1)
  const [path = '', query] = address.split('?', 2)
  if (!query) return path
  const redacted = query.split('&').map((pair) => {
    const [name, value] = pair.split('=', 2)
    if (harmless.test(pair)) return pair
    // Without a value it may be one.
    return value === undefined ? '…' : `${name}=…`
  })
  return `${path}?${redacted.join('&')}`
}

/** Control characters forge lines and colours: they are shown, not obeyed. */
export const escapeControls = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Errors quote what was given to them, and every span that they pass through quotes them. */
export class ScrubErrors implements SpanProcessor {
  onStart(): void {}

  onEnd({ status, events }: ReadableSpan): void {
    if (status.message) status.message = scrubText(status.message)
    for (const { attributes } of events) {
      for (const key of ['exception.message', 'exception.stacktrace']) {
        const text = attributes?.[key]
        if (attributes && typeof text === 'string') attributes[key] = scrubText(text)
      }
    }
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
