import type { ComponentProps } from 'react'

/** Floats above a list, without moving it: "Show 3 new cruds". */
export const Pill = (button: Omit<ComponentProps<'button'>, 'type' | 'className'>) => (
  <div className="pill-slot">{button.children && <button {...button} type="button" className="button pill" />}</div>
)
