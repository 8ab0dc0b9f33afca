import { lengthOf, tidied } from '@cruddur/shared/text'

const near = 20

export type CharacterCount = { used: number; limit: number; left: number; isNear: boolean; isOver: boolean }

/** Counts as the API does: without spaces at either end, and an emoji as one character. */
export const countCharacters = (text: string, limit: number): CharacterCount => {
  const used = lengthOf(tidied(text))
  const left = limit - used
  return { used, limit, left, isNear: left >= 0 && left <= near, isOver: left < 0 }
}

export const usedWords = ({ used, limit }: CharacterCount): string =>
  `${used.toLocaleString('en')} of ${limit.toLocaleString('en')} characters`

/** The words that a screen reader announces. They change rarely. */
export const leftWords = ({ left, isNear, isOver }: CharacterCount): string => {
  if (isOver) return 'Too long to send'
  if (!isNear) return ''
  return left === 0 ? 'No characters left' : `At most ${left > 10 ? near : 10} characters left`
}

export const tooLongWords = ({ left, limit, isOver }: CharacterCount): string | null =>
  isOver
    ? `${-left} ${left === -1 ? 'character' : 'characters'} too many. The limit is ${limit.toLocaleString('en')}.`
    : null
