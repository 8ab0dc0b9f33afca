import { Link } from 'react-router'

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mention' | 'hashtag' | 'link'; readonly text: string; readonly value: string }

export const LinkedText = ({ parts }: { parts: readonly Part[] }) =>
  withOffsets(parts).map(([offset, part]) => show(part, offset))

/** The offset of each part is its key. */
const withOffsets = (parts: readonly Part[]): [number, Part][] => {
  let end = 0
  return parts.map((part) => {
    const offset = end
    end += part.text.length
    return [offset, part]
  })
}

const show = (part: Part, offset: number) => {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'mention':
      return (
        <Link key={offset} to={`/@${part.value}`} data-trace="mention">
          {part.text}
        </Link>
      )
    case 'hashtag':
      return (
        <Link key={offset} to={`/search?${new URLSearchParams({ term: `#${part.value}` })}`} data-trace="hashtag">
          {part.text}
        </Link>
      )
    case 'link':
      return (
        <a key={offset} href={part.value} target="_blank" rel="noopener nofollow ugc" data-trace="open link">
          {part.text}
          <span className="visually-hidden"> (in a new tab)</span>
        </a>
      )
  }
}
