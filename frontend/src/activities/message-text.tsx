import { type MessagePart, partsOf } from '@cruddur/shared/message-parts'
import { useMemo } from 'react'
import { Link } from 'react-router'
import { profileAddress, searchAddress } from './feed.ts'

/** Whatever somebody wrote is text; only what both sides know as a link is one. */
export const MessageText = ({ message }: { message: string }) => {
  const parts = useMemo(() => placed(partsOf(message)), [message])
  return (
    <p className="crud-message" dir="auto">
      {parts.map(({ part, at }) => (
        <Part key={at} part={part} />
      ))}
    </p>
  )
}

const placed = (parts: readonly MessagePart[]): { part: MessagePart; at: number }[] => {
  let end = 0
  return parts.map((part) => {
    const at = end
    end += part.text.length
    return { part, at }
  })
}

const Part = ({ part }: { part: MessagePart }) => {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'mention':
      return (
        <Link to={profileAddress(part.value)} data-trace="mention">
          {part.text}
        </Link>
      )
    case 'hashtag':
      return (
        <Link to={searchAddress(`#${part.value}`)} data-trace="hashtag">
          {part.text}
        </Link>
      )
    case 'link':
      return (
        <a href={part.value} target="_blank" rel="noopener nofollow ugc" data-trace="open link">
          {part.text}
          <span className="visually-hidden"> (in a new tab)</span>
        </a>
      )
  }
}
