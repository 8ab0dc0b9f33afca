import type { PageAct } from '@cruddur/shared/telemetry'

declare module 'react' {
  interface HTMLAttributes<T> {
    'data-trace'?: PageAct | undefined
  }
}
