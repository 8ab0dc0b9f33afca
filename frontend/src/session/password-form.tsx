import { changePassword, passwordLength } from '@cruddur/shared/session'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { PasswordField } from '../ui/field.tsx'
import { SessionForm } from './session-form.tsx'

const labels = { current_password: 'Current password', password: 'New password' }

export const PasswordForm = ({ handle }: { handle: string }) => {
  const queries = useQueryClient()
  const form = useRef<HTMLFormElement>(null)
  const change = useMutation({
    mutationFn: (input: Record<keyof typeof labels, string>) => call(changePassword, input),
    onSuccess: (sessions) => {
      queries.setQueryData(queryKeys.sessions, sessions)
      form.current?.reset()
    },
  })
  return (
    <>
      <SessionForm
        trace="change password"
        labels={labels}
        mutation={change}
        action="Change password"
        doing="Changing…"
        form={form}
      >
        {(fieldProps) => (
          <>
            {/* Password managers save the new password under this name. */}
            <input type="text" name="username" autoComplete="username" value={handle} readOnly hidden />
            <PasswordField {...fieldProps('current_password')} autoComplete="current-password" />
            <PasswordField
              {...fieldProps('password')}
              autoComplete="new-password"
              hint={`At least ${passwordLength.min} characters.`}
            />
          </>
        )}
      </SessionForm>
      <p className="hint" role="status">
        {change.isSuccess && 'Your password is changed. You are signed out everywhere else.'}
      </p>
    </>
  )
}
