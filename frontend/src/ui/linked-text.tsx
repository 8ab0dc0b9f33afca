import { Link } from 'react-router'

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mention' | 'hashtag' | 'link'; readonly text: string; readonly value: string }

/** Whatever somebody wrote is text; only what both sides know as a link is one. */
export const LinkedText = ({ parts }: { parts: readonly Part[] }) => placed(parts).map(([at, part]) => show(part, at))

const placed = (parts: readonly Part[]): [number, Part][] => {
  let end = 0
  return parts.map((part) => {
    const at = end
    end += part.text.length
    return [at, part]
  })
}

const show = (part: Part, at: number) => {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'mention':
      return (
        <Link key={at} to={`/@${part.value}`} data-trace="mention">
          {part.text}
        </Link>
      )
    case 'hashtag':
      return (
        <Link key={at} to={`/search?${new URLSearchParams({ term: `#${part.value}` })}`} data-trace="hashtag">
          {part.text}
        </Link>
      )
    case 'link':
      return (
        <a key={at} href={part.value} target="_blank" rel="noopener nofollow ugc" data-trace="open link">
          {part.text}
          <span className="visually-hidden"> (in a new tab)</span>
        </a>
      )
  }
}
