type Control = Pick<Element, 'closest' | 'getAttribute' | 'textContent' | 'localName' | 'id'>

const controls =
  'button, summary, label, a[href], input, select, textarea, form, [role=button], [role=tab], [role=menuitem], [role=switch], [role=checkbox], [role=option]'
const rolesNamedByText = new Set(['button', 'summary', 'tab', 'menuitem', 'switch'])

/** Keeps only short plain words, because handles, numbers and long text may come from a user. */
const safeText = (text: string | null): string =>
  (text ?? '')
    .trim()
    .split(/\s+/)
    .filter((word) => /^\p{L}[\p{L}’'-]*$/u.test(word))
    .slice(0, 4)
    .join(' ')
    .slice(0, 40)

const roleOf = (control: Control): string => {
  const role = control.getAttribute('role')
  if (role) return role
  if (control.localName === 'a') return 'link'
  if (control.localName !== 'input') return control.localName
  const type = control.getAttribute('type') ?? 'text'
  return type === 'submit' || type === 'button' ? 'button' : type
}

/**
 * The name of an action: `data-trace`, or the role and name of the control. Never a value or a user's text.
 * On a form `data-trace` names its submit, not a click into one of its fields.
 */
export const nameOfTarget = (target: Control, eventType?: string): string => {
  const named = target.closest('[data-trace]')
  const name = named?.getAttribute('data-trace')
  if (name && !(eventType === 'click' && named?.localName === 'form')) return name
  const control = target.closest(controls)
  if (!control) return target.localName
  const role = roleOf(control)
  const words = rolesNamedByText.has(role)
    ? safeText(control.getAttribute('aria-label') ?? control.textContent)
    : (control.getAttribute('name') ?? control.id)
  return words ? `${role} ${words}` : role
}

/** Leaving a text field fires `change`, which is not an action of its own, because the typing was the action. */
export const isTextField = (target: Pick<Element, 'localName' | 'getAttribute'>): boolean =>
  target.localName === 'textarea' ||
  (target.localName === 'input' &&
    !['checkbox', 'radio', 'range', 'color', 'file', 'date', 'datetime-local', 'month', 'week', 'time'].includes(
      target.getAttribute('type') ?? 'text',
    ))
