import { Provider } from '@rollbar/react'
import type Rollbar from 'rollbar'
import { standIn, whenArrived } from './rollbar-stand-in.ts'

export { ErrorBoundary } from '@rollbar/react'

/** Gives the vendor's hooks and error boundaries its instance, as soon as that has been loaded. */
export class RollbarProvider extends Provider {
  static defaultProps: { instance: Rollbar } = { instance: standIn }
  private forget = () => {}

  override componentDidMount(): void {
    this.forget = whenArrived((rollbar) => this.setState({ rollbar }))
  }

  override componentWillUnmount(): void {
    this.forget()
  }
}
