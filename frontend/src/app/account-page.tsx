import type { ReactNode } from 'react'
import { Link, Navigate, useLocation, useNavigate, useSearchParams } from 'react-router'
import { useAccount } from '../session/account-provider.tsx'
import { DemoPeople } from '../session/demo-people.tsx'
import { SignInForm } from '../session/sign-in-form.tsx'
import { SignUpForm } from '../session/sign-up-form.tsx'
import { PageHeading } from './page-heading.tsx'
import { accountPath, returnPath } from './return-path.ts'
import { usePage } from './use-page.ts'

export const SignInPage = () => {
  usePage({ title: 'Sign in', route: '/signin' })
  const { user, people } = useAccount()
  const location = useLocation()
  return (
    <AccountPage title="Sign in" lead="Handles are forgiven their capitals and their @">
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
              <p className="form-or">or act as one of the seeded people</p>
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
    <AccountPage title="Sign up" lead="An account keeps; what you write with it does not">
      {(goBack) => (
        <>
          <SignUpForm onDone={goBack} />
          <p className="form-aside">
            Signed up before?{' '}
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
  const [asked] = useSearchParams()
  const from = returnPath(asked.get('from'))
  // Also for whoever has signed in meanwhile in another tab.
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
