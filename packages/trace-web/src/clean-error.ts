const maxLength = 8_192
const maxFrames = 50
const maxCauses = 3

/** Bounded repetitions only: an error message may quote hostile text. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi, '$1 [secret]'],
  [
    /\b((?:[\w-]{0,40}[_-])?(?:password|secret|token|authorization|api[_-]?key)["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&}\])]+)/gi,
    '$1[secret]',
  ],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, '[mail]'],
  [/\?[\w.%[\]-]{1,100}=[^\s"')]*/g, '?…'],
]

/** The text without mail addresses, credentials and query strings. */
export const cleanText = (text: string): string =>
  secrets.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text.slice(0, maxLength))

/** Knows the form of Chromium and the form of the other browsers. */
const isFrame = (line: string): boolean => /^\s+at |@.*:\d+:\d+$/.test(line)

/** A copy without personal data and secrets, safe to hand to the vendor's package. */
export const cleanError = (thrown: unknown, depth = 0): Error => {
  const { name, message, stack = '', cause } = thrown instanceof Error ? thrown : notAnError(thrown)
  const clean = new Error(cleanText(message))
  clean.name = name
  const frames = stack.split('\n').filter(isFrame).slice(0, maxFrames)
  clean.stack = [`${name}: ${clean.message}`, ...frames.map(cleanText)].join('\n')
  if (cause !== undefined && depth < maxCauses) clean.cause = cleanError(cause, depth + 1)
  return clean
}

const notAnError = (thrown: unknown): Error => {
  try {
    return { name: 'Thrown', message: String(thrown) }
  } catch {
    return { name: 'Thrown', message: 'unreadable value' }
  }
}
