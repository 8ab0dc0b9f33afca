import type { ReactNode } from 'react'
import { Link, useLocation } from 'react-router'
import { useCurrentUser } from '../ui/current-user.ts'
import { Empty } from '../ui/empty.tsx'
import { pageTitleId } from '../ui/page-title.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { accountPath } from './paths.ts'

type Props = {
  title: string
  invitation: string
  /** The page has no other heading. */
  isWholePage?: boolean
  children: ReactNode
}

/** Invites a visitor to sign in. Renders the children only for a signed-in user, so that they fetch nothing before. */
export const SignedInOnly = ({ title, invitation, isWholePage = false, children }: Props) => {
  const location = useLocation()
  const { user, isKnown } = useCurrentUser()
  if (user) return children
  if (!isKnown) {
    return (
      <>
        {isWholePage && (
          <h1 id={pageTitleId} className="visually-hidden">
            {title}
          </h1>
        )}
        <Skeleton shape="line" count={4} label="Loading" />
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
