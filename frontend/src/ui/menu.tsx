import {
  type ComponentProps,
  type HTMLAttributes,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { Icon, type IconName } from './icons.tsx'

type Props = {
  /** The name of the button, and of the menu. */
  label: string
  trigger: ReactNode
  triggerClass: string
  trace: HTMLAttributes<Element>['data-trace']
  /** `MenuItem`s, or links with `className="menu-item" role="menuitem" tabIndex={-1}`. */
  children: ReactNode
}

const itemsIn = (menu: HTMLElement | null): HTMLElement[] => [
  ...(menu?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? []),
]

export const Menu = ({ label, trigger, triggerClass, trace, children }: Props) => {
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const menu = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!isOpen) return
    itemsIn(menu.current)[0]?.focus({ preventScroll: true })
    const closeOutside = ({ target }: Event) => {
      if (target instanceof Node && !root.current?.contains(target)) setOpen(false)
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [isOpen])

  const close = () => {
    setOpen(false)
    button.current?.focus()
  }

  const move = (event: KeyboardEvent): void => {
    if (event.key === 'Tab') setOpen(false)
    if (event.key === 'Escape') {
      // A dialog around the menu stays open.
      event.preventDefault()
      close()
    }
    const items = itemsIn(menu.current)
    const now = items.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    items.at(next % items.length)?.focus()
  }

  return (
    <div className="menu-root" ref={root}>
      <button
        ref={button}
        type="button"
        className={triggerClass}
        data-trace={trace}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        title={label}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' || isOpen) return
          event.preventDefault()
          setOpen(true)
        }}
      >
        {trigger}
        <span className="visually-hidden"> {label}</span>
      </button>
      {isOpen && (
        <div
          ref={menu}
          id={id}
          className="menu"
          role="menu"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={move}
          onClick={({ target }) => {
            if (target instanceof Element && target.closest('[role^="menuitem"]')) close()
          }}
        >
          {children}
        </div>
      )}
    </div>
  )
}

type ItemProps = { icon: IconName; trace: HTMLAttributes<Element>['data-trace'] } & Pick<
  ComponentProps<'button'>,
  'children' | 'onClick' | 'aria-disabled'
>

export const MenuItem = ({ icon, trace, children, ...button }: ItemProps) => (
  <button {...button} type="button" role="menuitem" tabIndex={-1} className="menu-item" data-trace={trace}>
    <Icon name={icon} />
    <span>{children}</span>
  </button>
)
