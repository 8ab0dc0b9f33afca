import { type FormEvent, useRef, useState } from 'react'
import { Dialog } from '../ui/dialog.tsx'
import { PasswordField, useFirstWrong } from '../ui/field.tsx'
import { FormEnd } from './form-end.tsx'
import { refusalOf } from './refusal.ts'
import { useSecondsLeft } from './use-seconds-left.ts'
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

const EraseForm = ({ onDone }: { onDone: () => void }) => {
  const form = useRef<HTMLFormElement>(null)
  const erase = useEraseAccount(onDone)
  const refusal = refusalOf(erase.error, labels)
  const secondsLeft = useSecondsLeft(erase.error)
  useFirstWrong(form, erase.error)

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (erase.isPending || secondsLeft > 0) return
    erase.mutate(String(new FormData(event.currentTarget).get('current_password')))
  }

  return (
    <form ref={form} className="form" data-trace="erase account" noValidate onSubmit={submit}>
      <PasswordField
        label={labels.current_password}
        name="current_password"
        autoComplete="current-password"
        error={refusal.fields.current_password}
      />
      <FormEnd
        refusal={refusal}
        isPending={erase.isPending}
        secondsLeft={secondsLeft}
        action="Erase everything"
        doing="Erasing…"
        isDangerous
      />
    </form>
  )
}
