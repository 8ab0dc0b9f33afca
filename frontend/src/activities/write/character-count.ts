import { lengthOf, tidied } from '@cruddur/shared/text'

const near = 20

export type CharacterCount = { used: number; left: number; isNear: boolean; isOver: boolean }

/** Counts as the API does: no outer space, and an emoji as one. */
export const charactersIn = (message: string): number => lengthOf(tidied(message))

export const characterCount = (used: number, most: number): CharacterCount => {
  const left = most - used
  return { used, left, isNear: left >= 0 && left <= near, isOver: left < 0 }
}

/** What a screen reader announces. It changes rarely. */
export const leftWords = ({ left, isNear, isOver }: CharacterCount): string => {
  if (isOver) return 'Too long to send'
  if (!isNear) return ''
  return left === 0 ? 'No characters left' : `At most ${left > 10 ? near : 10} characters left`
}

export const tooLongWords = ({ left }: CharacterCount, most: number): string =>
  `${-left} ${left === -1 ? 'character' : 'characters'} too many. The limit is ${most}.`
