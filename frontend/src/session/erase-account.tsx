import { useState } from 'react'
import { Dialog } from '../ui/dialog.tsx'
import { PasswordField } from '../ui/field.tsx'
import { SessionForm } from './session-form.tsx'
import { useEraseAccount } from './use-session.ts'

const labels = { current_password: 'Password' }

export const EraseAccount = () => {
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <button
        type="button"
        className="button button-danger"
        data-trace="ask erase account"
        aria-haspopup="dialog"
        onClick={() => setAsking(true)}
      >
        Erase my account
      </button>
      <Dialog title="Erase your account?" isOpen={isAsking} onClose={() => setAsking(false)}>
        <p className="dialog-lead">
          Your cruds, the replies to them, your likes, reposts, follows and conversations are erased at once. You cannot
          undo this. Others may take your handle.
        </p>
        <EraseForm onDone={() => setAsking(false)} />
      </Dialog>
    </>
  )
}

const EraseForm = ({ onDone }: { onDone: () => void }) => (
  <SessionForm
    trace="erase account"
    labels={labels}
    mutation={useEraseAccount(onDone)}
    action="Erase everything"
    doing="Erasing…"
    isDangerous
  >
    {(fieldProps) => <PasswordField {...fieldProps('current_password')} autoComplete="current-password" />}
  </SessionForm>
)
