import { Reference } from '../ui/reference.tsx'
import type { Refusal } from './refusal.ts'

type Props = {
  refusal: Refusal
  isPending: boolean
  secondsLeft: number
  action: string
  doing: string
  isDangerous?: boolean
}

/** The answer that belongs to no field, and the button. */
export const FormEnd = ({ refusal, isPending, secondsLeft, action, doing, isDangerous = false }: Props) => (
  <>
    <div className="form-answer" role="alert">
      {refusal.sentence && <p className="form-trouble">{refusal.sentence}</p>}
      {refusal.traceId && <Reference traceId={refusal.traceId} />}
    </div>
    <button
      type="submit"
      className={isDangerous ? 'button button-danger' : 'button'}
      aria-disabled={isPending || secondsLeft > 0}
    >
      {isPending ? doing : secondsLeft > 0 ? `Wait ${secondsLeft} s` : action}
    </button>
  </>
)
