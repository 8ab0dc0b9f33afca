import type { PageAct } from '@cruddur/shared/telemetry'
import type { DataTrace } from '@cruddur/trace-web/react'

declare module 'react' {
  interface HTMLAttributes<T> extends DataTrace<PageAct> {}
}
