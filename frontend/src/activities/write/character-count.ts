import { lengthOf, tidied } from '@cruddur/shared/text'

const near = 20

export type CharacterCount = { used: number; left: number; isNear: boolean; isOver: boolean }

/** As the API counts: without the space around it, an emoji as one. */
export const charactersIn = (message: string): number => lengthOf(tidied(message))

export const characterCount = (used: number, most: number): CharacterCount => {
  const left = most - used
  return { used, left, isNear: left >= 0 && left <= near, isOver: left < 0 }
}

/** What is said aloud, rarely enough to be listened to. */
export const leftWords = ({ left, isNear, isOver }: CharacterCount): string => {
  if (isOver) return 'Too long to send'
  if (!isNear) return ''
  return left === 0 ? 'No characters left' : `${left > 10 ? near : 10} characters left at most`
}

export const tooLongWords = ({ left }: CharacterCount, most: number): string =>
  `${-left} ${left === -1 ? 'character' : 'characters'} too many: ${most} is the most.`
