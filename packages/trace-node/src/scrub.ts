const longest = 8_192

/** Each pattern takes linear time, because the text may come from an attacker. */
const secrets: readonly (readonly [RegExp, string | ((match: string) => string)])[] = [
  [/\b(bearer|basic)(?:\s+(?:bearer|basic))*\s+[\w.~+/=-]{4,}/gi, '$1 [secret]'],
  [/\b((?:set-)?cookie["']?\s*[:=]\s*)[^\n]+/gi, '$1[secret]'],
  [/\/\/[^\s/:@]{1,100}:[^\s/@]{1,200}@/g, '//[secret]@'],
  [
    /((?:password|passwd|pwd|secret|token|authorization|api[_-]?key|access[_-]?key)["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&}\])]+)/gi,
    '$1[secret]',
  ],
  [/(x-visit["']?\s*[:=,]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&}\])]+)/gi, '$1[secret]'],
  [/(?<![\w.+-])[\w.+-]+@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, '[mail]'],
  [/\?[\w.%[\]-]{1,100}=[^\s"')]*/g, (query) => redactQuery(query)],
  // PostgreSQL quotes the parameter that it cannot read, or that conflicts.
  [/((?:invalid|malformed|out of range|unrecognized)[^"\n]{0,120}: )"[^"\n]*"/gi, '$1"[value]"'],
  [/\b(value )"[^"\n]*"/gi, '$1"[value]"'],
  // Up to the last bracket of the line: searching for the nearest one from every `)=(` would be quadratic.
  [/\)=\([^\n]*/g, (rest) => rest.replace(/^.*\)(?=[\s,.]|$)/, ')=([value])')],
]

const longestPart = 512

/** Cuts text from a client to a length that fits a log line and an attribute. */
export const shortened = (text: string): string => (text.length > longestPart ? `${text.slice(0, longestPart)}…` : text)

/** A text without any of these parts matches none of the patterns above. */
const suspicious = /[=@"]|bearer|basic|cookie|passw|pwd|secret|token|authorization|api[_-]?key|access[_-]?key|x-visit/i

let ownSecrets: readonly string[] = []

/** Makes `scrubText` remove our own keys and passwords. */
export const keepSecret = (values: readonly string[]): void => {
  ownSecrets = values
}

/** The text without our own secrets, mail addresses, credentials, cookies, query strings and SQL parameters. */
export const scrubText = (text: string): string => {
  const short = text.length > longest ? text.slice(0, longest) : text
  const clean = ownSecrets.reduce((left, value) => left.replaceAll(value, '[secret]'), short)
  if (!suspicious.test(clean)) return clean
  return secrets.reduce((left, [pattern, replacement]) => left.replace(pattern, replacement as string), clean)
}

const harmless = /^(ready|limit=\d{1,6})$/

/** Keeps the names of the query's parameters; their values may be private. */
export const redactQuery = (url: string): string => {
  const [address = ''] = url.split('#', 1)
  const [path = '', query] = address.split('?', 2)
  if (!query) return path
  const redacted = query.split('&').map((pair) => {
    const [name, value] = pair.split('=', 2)
    if (harmless.test(pair)) return pair
    // A part without `=` may itself be a value.
    return value === undefined ? '…' : `${name}=…`
  })
  return `${path}?${redacted.join('&')}`
}

/** Shows control characters as text, so that they cannot forge lines or colours. */
export const escapeControls = (text: string): string =>
  text.search(controls) < 0
    ? text
    : text.replaceAll(controls, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find, and a class of Unicode is slower
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

export const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')
