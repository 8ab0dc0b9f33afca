import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Icon } from './icons.tsx'

type Props = { title: string; isOpen: boolean; onClose: () => void; children: ReactNode }

const pressable = 'a[href], button, input, select, textarea'

/** The native dialog traps the focus, returns it, and closes on Escape. */
export const Dialog = ({ title, isOpen, onClose, children }: Props) => {
  const titleId = useId()
  const element = useRef<HTMLDialogElement>(null)

  useEffect(() => {
    const dialog = element.current
    if (isOpen && !dialog?.open) {
      dialog?.showModal()
      // Chromium would focus the scrolling element.
      dialog?.querySelector<HTMLElement>(pressable)?.focus()
    }
    if (!isOpen && dialog?.open) dialog.close()
  }, [isOpen])

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same as a click on the backdrop.
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close()
      }}
    >
      <div className="dialog-body">
        <h2 id={titleId}>{title}</h2>
        {isOpen && children}
        <button
          type="button"
          className="icon-button dialog-close"
          data-trace="close dialog"
          onClick={() => element.current?.close()}
        >
          <Icon name="close" />
          <span className="visually-hidden">Close</span>
        </button>
      </div>
    </dialog>
  )
}
