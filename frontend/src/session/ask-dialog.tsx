import { useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { PeopleToActAs } from './people-to-act-as.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { SignUpForm } from './sign-up-form.tsx'
import type { useSession } from './use-session.ts'

type Props = {
  session: ReturnType<typeof useSession>
  isOpen: boolean
  /** Somebody is asked for because something is to be done. */
  isForAction: boolean
  onClose: () => void
  onDone: () => void
}

export const AskDialog = ({ session, isOpen, isForAction, onClose, onDone }: Props) => (
  <Dialog title={isForAction ? 'Who does this?' : 'Who acts?'} isOpen={isOpen} onClose={onClose}>
    <Question session={session} isForAction={isForAction} onDone={onDone} />
  </Dialog>
)

/** What waits to be done waits through all of it: it is done by whoever signs in, or up, in the end. */
const Question = ({ session, isForAction, onDone }: Pick<Props, 'session' | 'isForAction' | 'onDone'>) => {
  const [isNew, setNew] = useState(false)
  if (isNew) {
    return (
      <>
        {isForAction && <p className="dialog-lead">With your account made, it is done at once.</p>}
        <SignUpForm onDone={onDone} isFocused />
        <p className="form-aside">
          Signed up before?{' '}
          <button type="button" className="link-button" data-trace="have account" onClick={() => setNew(false)}>
            Sign in
          </button>
        </p>
      </>
    )
  }
  const hasPeople = (session.data?.people.length ?? 0) > 0
  return (
    <>
      {isForAction && (
        <p className="dialog-lead">
          {hasPeople ? 'Choose who acts, or sign in, and it is done at once.' : 'Sign in, and it is done at once.'}
        </p>
      )}
      <SessionTrouble session={session} />
      {session.data && hasPeople && (
        <>
          <PeopleToActAs session={session.data} onDone={onDone} />
          <p className="form-or">or with your own account</p>
        </>
      )}
      <SignInForm onDone={onDone} />
      <p className="form-aside">
        New here?{' '}
        <button type="button" className="link-button" data-trace="make account" onClick={() => setNew(true)}>
          Make an account
        </button>
      </p>
    </>
  )
}

const SessionTrouble = ({ session }: Pick<Props, 'session'>) => {
  if (!session.isError || session.data) return null
  return (
    <Trouble
      title="Cruddur does not say who is here"
      traceId={session.error instanceof ApiError ? session.error.traceId : null}
      retry={() => void session.refetch()}
      isTrying={session.isFetching}
    >
      {session.error.message}
    </Trouble>
  )
}
