import type { ReactNode } from 'react'
import { Link, useLocation } from 'react-router'
import { Empty } from '../ui/empty.tsx'
import { accountPath } from './return-path.ts'

/** In the place of what only somebody can see. */
export const SignInFirst = ({ title, children }: { title: string; children: ReactNode }) => {
  const location = useLocation()
  return (
    <Empty
      title={title}
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
      {children}
    </Empty>
  )
}
