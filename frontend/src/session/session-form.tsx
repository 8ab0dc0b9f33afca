import type { PageAct } from '@cruddur/shared/telemetry'
import type { UseMutationResult } from '@tanstack/react-query'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { isApiError } from '../api/api-error.ts'
import { useFirstWrong } from '../ui/field.tsx'
import { Reference } from '../ui/reference.tsx'
import { refusalOf } from './refusal.ts'

type Props<Field extends string> = {
  trace: PageAct
  labels: Readonly<Record<Field, string>>
  mutation: Pick<UseMutationResult<unknown, Error, Record<Field, string>>, 'mutate' | 'error' | 'isPending'>
  /** The words on the button. */
  action: string
  doing: string
  isDangerous?: boolean
  form?: RefObject<HTMLFormElement | null>
  /** `fieldProps` returns the label, the name and the error of a field. */
  children: (fieldProps: (name: Field) => { label: string; name: Field; error: string | undefined }) => ReactNode
}

/** A form whose fields are the input of one mutation. */
export const SessionForm = <Field extends string>({
  trace,
  labels,
  mutation: { mutate, error, isPending },
  action,
  doing,
  isDangerous = false,
  form: givenForm,
  children,
}: Props<Field>) => {
  const ownForm = useRef<HTMLFormElement>(null)
  const form = givenForm ?? ownForm
  const refusal = refusalOf(error, labels)
  const secondsLeft = useSecondsLeft(error)
  const isDisabled = isPending || secondsLeft > 0
  useFirstWrong(form, error)

  return (
    <form
      ref={form}
      className="form"
      data-trace={trace}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const given = new FormData(event.currentTarget)
        const names = Object.keys(labels) as Field[]
        if (!isDisabled)
          mutate(Object.fromEntries(names.map((name) => [name, String(given.get(name))])) as Record<Field, string>)
      }}
    >
      {children((name) => ({ label: labels[name], name, error: refusal.fields[name] }))}
      <div className="form-answer" role="alert">
        {refusal.sentence && <p className="form-trouble">{refusal.sentence}</p>}
        {refusal.traceId && <Reference traceId={refusal.traceId} />}
      </div>
      <button type="submit" className={isDangerous ? 'button button-danger' : 'button'} aria-disabled={isDisabled}>
        {isPending ? doing : secondsLeft > 0 ? `Wait ${secondsLeft} s` : action}
      </button>
    </form>
  )
}

/** The seconds until the server accepts another try. */
const useSecondsLeft = (error: Error | null): number => {
  const [left, setLeft] = useState(0)
  useEffect(() => {
    const seconds = isApiError(error, 'too_many_requests') ? (error.retryAfterSeconds ?? 0) : 0
    setLeft(seconds)
    if (seconds === 0) return
    const until = performance.now() + seconds * 1_000
    const timer = setInterval(() => {
      const rest = Math.max(0, Math.ceil((until - performance.now()) / 1_000))
      setLeft(rest)
      if (rest === 0) clearInterval(timer)
    }, 1_000)
    return () => clearInterval(timer)
  }, [error])
  return left
}
