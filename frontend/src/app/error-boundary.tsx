import { Component, type ReactNode } from 'react'
import { currentTraceId } from '../telemetry/index.ts'
import { Trouble } from '../ui/trouble.tsx'

type State = { error: Error | null; traceId: string | null }

/** What is left when drawing the page failed: a sentence, a reference, and two ways on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null, traceId: null }

  static getDerivedStateFromError(error: Error): State {
    return { error, traceId: currentTraceId() }
  }

  override render() {
    if (!this.state.error) return this.props.children
    return (
      <div className="broken">
        <Trouble
          title="This page broke"
          isWholePage
          traceId={this.state.traceId}
          retry={() => this.setState({ error: null, traceId: null })}
          actions={
            <a className="button button-quiet" href="/">
              Go home
            </a>
          }
        >
          Something here could not be drawn. What you did before is saved; try again, or start over from home.
        </Trouble>
      </div>
    )
  }
}
