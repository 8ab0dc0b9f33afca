import { Component, type ComponentType, createElement, type ErrorInfo, type ReactNode, useLayoutEffect } from 'react'
import { recordFault } from './faults.ts'
import { setRoute } from './page-attributes.ts'

/** Names the page by the route's template, `/crud/:uuid`. Before the effects that fetch, so that their requests carry it. */
export const useRoute = (template: string): void => useLayoutEffect(() => setRoute(template), [template])

/** Narrows `data-trace`: `declare module 'react' { interface HTMLAttributes<T> extends DataTrace<'like' | 'reply'> {} }` */
export type DataTrace<Act extends string = string> = { 'data-trace'?: Act | undefined }

type Props = { children?: ReactNode; fallbackUI: ComponentType<{ error: unknown; resetError: () => void }> }
type State = { caught: { error: unknown } | null }

/** Shows `fallbackUI` in the place of what threw, and records the fault in the trace of its action. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { caught: null }

  static getDerivedStateFromError(error: unknown): State {
    return { caught: { error } }
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    recordFault(error, 'render', { componentStack: componentStack ?? undefined })
  }

  override render(): ReactNode {
    const { caught } = this.state
    if (!caught) return this.props.children
    return createElement(this.props.fallbackUI, {
      error: caught.error,
      resetError: () => this.setState({ caught: null }),
    })
  }
}
