import { changePassword, passwordLength } from '@cruddur/shared/session'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { PasswordField, useFirstWrong } from '../ui/field.tsx'
import { FormEnd } from './form-end.tsx'
import { refusalOf } from './refusal.ts'
import { useSecondsLeft } from './use-seconds-left.ts'

const labels = { current_password: 'Current password', password: 'New password' }

export const PasswordForm = ({ handle }: { handle: string }) => {
  const queries = useQueryClient()
  const form = useRef<HTMLFormElement>(null)
  const change = useMutation({
    mutationFn: (input: { current_password: string; password: string }) => call(changePassword, input),
    onSuccess: (sessions) => {
      queries.setQueryData(queryKeys.sessions, sessions)
      form.current?.reset()
    },
  })
  const refusal = refusalOf(change.error, labels)
  const secondsLeft = useSecondsLeft(change.error)
  useFirstWrong(form, change.error)

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (change.isPending || secondsLeft > 0) return
    const given = new FormData(event.currentTarget)
    change.mutate({
      current_password: String(given.get('current_password')),
      password: String(given.get('password')),
    })
  }

  return (
    <form ref={form} className="form" data-trace="change password" noValidate onSubmit={submit}>
      {/* Password managers keep the new password under this name. */}
      <input type="text" name="username" autoComplete="username" value={handle} readOnly hidden />
      <PasswordField
        label={labels.current_password}
        name="current_password"
        autoComplete="current-password"
        error={refusal.fields.current_password}
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
        isPending={change.isPending}
        secondsLeft={secondsLeft}
        action="Change password"
        doing="Changing…"
      />
      <p className="hint" role="status">
        {change.isSuccess && 'Your password is changed. Everywhere else you are signed out.'}
      </p>
    </form>
  )
}
