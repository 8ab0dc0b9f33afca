import { passwordLength } from '@cruddur/shared/session'
import { displayNameMaxLength } from '@cruddur/shared/users'
import { useEffect, useRef } from 'react'
import { PasswordField, TextField } from '../ui/field.tsx'
import { SessionForm } from './session-form.tsx'
import { handleInput } from './sign-in-form.tsx'
import { useSignUp } from './use-session.ts'

const labels = { display_name: 'Name', handle: 'Handle', email: 'Email', password: 'Password' }

/** `isFocused`: the form has replaced the sign-in form, which had the focus. */
export const SignUpForm = ({ onDone, isFocused = false }: { onDone: () => void; isFocused?: boolean }) => {
  const signUp = useSignUp(onDone)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (isFocused) form.current?.querySelector('input')?.focus()
  }, [isFocused])
  return (
    <SessionForm trace="sign up" labels={labels} mutation={signUp} action="Sign up" doing="Signing up…" form={form}>
      {(fieldProps) => (
        <>
          <TextField
            {...fieldProps('display_name')}
            autoComplete="name"
            maxLength={2 * displayNameMaxLength}
            hint="As others see it."
          />
          <TextField
            {...fieldProps('handle')}
            {...handleInput}
            hint="Up to 30 letters a–z, digits and _. You cannot change it later."
          />
          <TextField
            {...fieldProps('email')}
            type="email"
            autoComplete="email"
            hint="We don’t show it, and we don’t send mail to it."
          />
          <PasswordField
            {...fieldProps('password')}
            autoComplete="new-password"
            hint={`At least ${passwordLength.min} characters.`}
          />
        </>
      )}
    </SessionForm>
  )
}
