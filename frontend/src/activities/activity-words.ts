export const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

const mostWords = 5
const mostCharacters = 40

/** Part of a button's name, so that the buttons of two messages have different names. */
export const firstWords = (message: string): string => {
  const words = message.trim().split(/\s+/)
  const first = words.slice(0, mostWords).join(' ')
  const characters = [...first]
  if (characters.length > mostCharacters) return `${characters.slice(0, mostCharacters).join('')}…`
  return words.length > mostWords ? `${first}…` : first
}
