import type { HTMLAttributes, ReactNode } from 'react'
import { Dialog } from './dialog.tsx'

type Props = {
  /** The question. */
  title: string
  /** Explains what a "yes" does. */
  children: ReactNode
  /** The verb of the question: never just "OK". */
  action: string
  trace: HTMLAttributes<Element>['data-trace']
  isOpen: boolean
  isBusy?: boolean
  error?: ReactNode
  /** Runs in the click, so that its requests belong to the click's trace. */
  onConfirm: () => void
  onClose: () => void
}

export const Confirm = ({
  title,
  children,
  action,
  trace,
  isOpen,
  isBusy = false,
  error,
  onConfirm,
  onClose,
}: Props) => (
  <Dialog title={title} isOpen={isOpen} onClose={onClose}>
    <p className="dialog-lead">{children}</p>
    {error}
    <div className="confirm-actions">
      <button type="button" className="button button-quiet" data-trace="cancel" onClick={onClose}>
        Cancel
      </button>
      <button
        type="button"
        className="button button-danger"
        data-trace={trace}
        aria-disabled={isBusy}
        onClick={() => !isBusy && onConfirm()}
      >
        {action}
      </button>
    </div>
  </Dialog>
)
