import type { ReactNode } from 'react'
import { Link, Navigate, useLocation, useNavigate, useSearchParams } from 'react-router'
import { useAccount } from '../session/account-provider.tsx'
import { DemoPeople } from '../session/demo-people.tsx'
import { SignInForm } from '../session/sign-in-form.tsx'
import { SignUpForm } from '../session/sign-up-form.tsx'
import { PageHeading, usePage } from './page.tsx'
import { accountPath, returnPath } from './paths.ts'

export const SignInPage = () => {
  usePage({ title: 'Sign in', route: '/signin' })
  const { user, people } = useAccount()
  const location = useLocation()
  return (
    <AccountPage title="Sign in" lead="Welcome back">
      {(goBack) => (
        <>
          <SignInForm onDone={goBack} />
          <p className="form-aside">
            New here?{' '}
            <Link to={accountPath('/signup', location)} replace data-trace="go to sign up">
              Make an account
            </Link>
          </p>
          {people.length > 0 && (
            <>
              <p className="form-or">or try it as a demo person</p>
              <DemoPeople session={{ user, people: [...people] }} onDone={goBack} />
            </>
          )}
        </>
      )}
    </AccountPage>
  )
}

export const SignUpPage = () => {
  usePage({ title: 'Sign up', route: '/signup' })
  const location = useLocation()
  return (
    <AccountPage title="Sign up" lead="Your account stays, your cruds expire">
      {(goBack) => (
        <>
          <SignUpForm onDone={goBack} />
          <p className="form-aside">
            Already have an account?{' '}
            <Link to={accountPath('/signin', location)} replace data-trace="go to sign in">
              Sign in
            </Link>
          </p>
        </>
      )}
    </AccountPage>
  )
}

type Props = { title: string; lead: string; children: (goBack: () => void) => ReactNode }

const AccountPage = ({ title, lead, children }: Props) => {
  const { user } = useAccount()
  const navigate = useNavigate()
  const [query] = useSearchParams()
  const from = returnPath(query.get('from'))
  // The user may have signed in here or in another tab.
  if (user) return <Navigate to={from} replace />
  return (
    <>
      <PageHeading title={title} hasBack>
        {lead}
      </PageHeading>
      <div className="card account-page">{children(() => void navigate(from, { replace: true }))}</div>
    </>
  )
}
