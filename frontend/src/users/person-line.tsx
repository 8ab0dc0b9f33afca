import type { UserShort } from '@cruddur/shared/users'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Avatar } from '../ui/avatar.tsx'

/** `children` stand beside the link, not in it: something else to press. */
export const PersonLine = ({ person, children }: { person: UserShort; children?: ReactNode }) => (
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
