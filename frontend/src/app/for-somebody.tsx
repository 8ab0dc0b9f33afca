import type { ReactNode } from 'react'
import { Link, useLocation } from 'react-router'
import { useActing } from '../ui/acting.ts'
import { LineBones } from '../ui/bones.tsx'
import { Empty } from '../ui/empty.tsx'
import { pageTitleId } from '../ui/page-title.ts'
import { accountPath } from './return-path.ts'

type Props = {
  /** What nobody is told instead of it, and why to sign in. */
  title: string
  invitation: string
  /** It has no other heading. */
  isWholePage?: boolean
  children: ReactNode
}

/** What only somebody can see. It is not even asked for before it is known who acts. */
export const ForSomebody = ({ title, invitation, isWholePage = false, children }: Props) => {
  const location = useLocation()
  const { user, isKnown } = useActing()
  if (user) return children
  if (!isKnown) {
    return (
      <>
        {isWholePage && (
          <h1 id={pageTitleId} className="visually-hidden">
            {title}
          </h1>
        )}
        <LineBones count={4} label="Looking who is here." />
      </>
    )
  }
  return (
    <Empty
      title={title}
      isWholePage={isWholePage}
      action={
        <p className="empty-actions">
          <Link to={accountPath('/signin', location)} className="button" data-trace="go to sign in">
            Sign in
          </Link>
          <Link to={accountPath('/signup', location)} className="button button-quiet" data-trace="go to sign up">
            Sign up
          </Link>
        </p>
      }
    >
      {invitation}
    </Empty>
  )
}
