import { type FormEvent, useRef } from 'react'
import { PasswordField, TextField, useFirstWrong } from '../ui/field.tsx'
import { FormEnd } from './form-end.tsx'
import { refusalOf } from './refusal.ts'
import { useSecondsLeft } from './use-seconds-left.ts'
import { useSignIn } from './use-session.ts'

const labels = { handle: 'Handle', password: 'Password' }

export const SignInForm = ({ onDone }: { onDone: () => void }) => {
  const signIn = useSignIn(onDone)
  const form = useRef<HTMLFormElement>(null)
  const refusal = refusalOf(signIn.error, labels)
  const secondsLeft = useSecondsLeft(signIn.error)
  useFirstWrong(form, signIn.error)

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (signIn.isPending || secondsLeft > 0) return
    const given = new FormData(event.currentTarget)
    signIn.mutate({ handle: String(given.get('handle')), password: String(given.get('password')) })
  }

  return (
    <form ref={form} className="form" data-trace="sign in" noValidate onSubmit={submit}>
      <TextField
        label={labels.handle}
        name="handle"
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        error={refusal.fields.handle}
      />
      <PasswordField
        label={labels.password}
        name="password"
        autoComplete="current-password"
        error={refusal.fields.password}
      />
      <FormEnd
        refusal={refusal}
        isPending={signIn.isPending}
        secondsLeft={secondsLeft}
        action="Sign in"
        doing="Signing in…"
      />
    </form>
  )
}
