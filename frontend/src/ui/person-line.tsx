import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Avatar } from './avatar.tsx'

type Props = { person: { handle: string; display_name: string }; children?: ReactNode }

/** `children` are buttons beside the link. */
export const PersonLine = ({ person, children }: Props) => (
  <div className="person-line">
    <Link to={`/@${person.handle}`} className="line" data-trace="open profile">
      <Avatar handle={person.handle} />
      <span className="person-name">
        <strong dir="auto">{person.display_name}</strong>
        <span className="handle">@{person.handle}</span>
      </span>
    </Link>
    {children}
  </div>
)
