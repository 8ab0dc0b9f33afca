import { useState } from 'react'
import { traceIdOf } from '../api/api-error.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { DemoPeople } from './demo-people.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { SignUpForm } from './sign-up-form.tsx'
import type { useSession } from './use-session.ts'

type Props = {
  session: ReturnType<typeof useSession>
  isOpen: boolean
  /** An action waits for the sign-in. */
  isForAction: boolean
  onClose: () => void
  onDone: () => void
}

export const SignInDialog = ({ session, isOpen, isForAction, onClose, onDone }: Props) => (
  <Dialog title={isForAction ? 'Sign in to continue' : 'Try it as…'} isOpen={isOpen} onClose={onClose}>
    <SignInOrUp session={session} isForAction={isForAction} onDone={onDone} />
  </Dialog>
)

const SignInOrUp = ({ session, isForAction, onDone }: Pick<Props, 'session' | 'isForAction' | 'onDone'>) => {
  const [isNew, setNew] = useState(false)
  if (isNew) {
    return (
      <>
        {isForAction && <p className="dialog-lead">Make an account, and we’ll finish what you started.</p>}
        <SignUpForm onDone={onDone} isFocused />
        <p className="form-aside">
          Already have an account?{' '}
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
          {hasPeople
            ? 'Pick a demo person or sign in, and we’ll finish what you started.'
            : 'Sign in, and we’ll finish what you started.'}
        </p>
      )}
      <SessionTrouble session={session} />
      {session.data && hasPeople && (
        <>
          <DemoPeople session={session.data} onDone={onDone} />
          <p className="form-or">or use your own account</p>
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
      title="Cruddur could not check who is signed in"
      traceId={traceIdOf(session.error)}
      retry={() => void session.refetch()}
      isTrying={session.isFetching}
    >
      {session.error.message}
    </Trouble>
  )
}
