import { passwordLength } from '@cruddur/shared/session'
import { displayNameMost } from '@cruddur/shared/users'
import { type FormEvent, useEffect, useRef } from 'react'
import { PasswordField, TextField, useFirstWrong } from '../ui/field.tsx'
import { FormEnd } from './form-end.tsx'
import { refusalOf } from './refusal.ts'
import { useSecondsLeft } from './use-seconds-left.ts'
import { useSignUp } from './use-session.ts'

const labels = { display_name: 'Name', handle: 'Handle', email: 'Email', password: 'Password' }

/** `isFocused`: it stands where something else stood a moment ago. */
export const SignUpForm = ({ onDone, isFocused = false }: { onDone: () => void; isFocused?: boolean }) => {
  const signUp = useSignUp(onDone)
  const form = useRef<HTMLFormElement>(null)
  const refusal = refusalOf(signUp.error, labels)
  const secondsLeft = useSecondsLeft(signUp.error)
  useFirstWrong(form, signUp.error)
  useEffect(() => {
    if (isFocused) form.current?.querySelector('input')?.focus()
  }, [isFocused])

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (signUp.isPending || secondsLeft > 0) return
    const given = new FormData(event.currentTarget)
    const text = (name: keyof typeof labels) => String(given.get(name))
    signUp.mutate({
      display_name: text('display_name'),
      handle: text('handle'),
      email: text('email'),
      password: text('password'),
    })
  }

  return (
    <form ref={form} className="form" data-trace="sign up" noValidate onSubmit={submit}>
      <TextField
        label={labels.display_name}
        name="display_name"
        autoComplete="name"
        maxLength={2 * displayNameMost}
        hint="As others see it."
        error={refusal.fields.display_name}
      />
      <TextField
        label={labels.handle}
        name="handle"
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        hint="Up to 30 letters a–z, digits and _. It stays as it is."
        error={refusal.fields.handle}
      />
      <TextField
        label={labels.email}
        name="email"
        type="email"
        autoComplete="email"
        hint="Shown to nobody, and nothing is sent to it."
        error={refusal.fields.email}
      />
      <PasswordField
        label={labels.password}
        name="password"
        autoComplete="new-password"
        hint={`At least ${passwordLength.least} characters.`}
        error={refusal.fields.password}
      />
      <FormEnd
        refusal={refusal}
        isPending={signUp.isPending}
        secondsLeft={secondsLeft}
        action="Sign up"
        doing="Signing up…"
      />
    </form>
  )
}
