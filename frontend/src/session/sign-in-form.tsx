import { PasswordField, TextField } from '../ui/field.tsx'
import { SessionForm } from './session-form.tsx'
import { useSignIn } from './use-session.ts'

const labels = { handle: 'Handle', password: 'Password' }

/** Typing a handle needs no capitals and no corrections. */
export const handleInput = {
  autoComplete: 'username',
  autoCapitalize: 'none',
  autoCorrect: 'off',
  spellCheck: false,
} as const

export const SignInForm = ({ onDone }: { onDone: () => void }) => (
  <SessionForm trace="sign in" labels={labels} mutation={useSignIn(onDone)} action="Sign in" doing="Signing in…">
    {(fieldProps) => (
      <>
        <TextField {...fieldProps('handle')} {...handleInput} />
        <PasswordField {...fieldProps('password')} autoComplete="current-password" />
      </>
    )}
  </SessionForm>
)
