import type { HTMLAttributes } from 'react'
import { Reference } from './reference.tsx'

type Props = {
  isOffline: boolean
  traceId: string | null
  retry: () => void
  isTrying: boolean
  /** What the button is called in its trace. */
  trace: HTMLAttributes<Element>['data-trace']
}

/** Something beside the page did not come: no reason to raise one's voice. */
export const SmallTrouble = ({ isOffline, traceId, retry, isTrying, trace }: Props) => (
  <div className="small-trouble">
    <p className="hint">{isOffline ? 'They come when your connection does.' : 'They did not come.'}</p>
    <button
      type="button"
      className="button button-quiet button-small"
      data-trace={trace}
      aria-disabled={isTrying}
      onClick={retry}
    >
      {isTrying ? 'Trying…' : 'Try again'}
    </button>
    {traceId && <Reference traceId={traceId} />}
  </div>
)
