import type { ComponentProps } from 'react'

/** "3 new cruds": floats above a list, and moves nothing when it comes. */
export const Pill = (button: Omit<ComponentProps<'button'>, 'type' | 'className'>) => (
  <div className="pill-slot">{button.children && <button {...button} type="button" className="pill" />}</div>
)
