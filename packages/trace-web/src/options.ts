import type { Reports } from './faults.ts'
import type { Route } from './url-template.ts'

export type PageOptions = {
  /** The `service.name` of the page's spans. */
  service: string
  version?: string | undefined
  /** Where the spans go. By default to `/relay/v1/traces` at the page's own origin. */
  relayUrl?: string | undefined
  /** Other origins whose requests get `traceparent` and `x-visit`. Their servers must allow the two headers. */
  propagateTo?: readonly string[] | undefined
  /** Requests to these addresses get no spans. */
  untraced?: readonly string[] | undefined
  /** The API's operations, for the names of requests. In other paths, ids become `:id`. */
  routes?: readonly Route[] | undefined
  /** Whether the page expects an answer of `routes` with this status. Then the span of the request has no error. */
  isExpected?: ((status: number) => boolean) | undefined
  /** The key of the visit in the tab's storage. */
  sessionKey?: string | undefined
  /** Where faults are reported, in addition to their trace: `rollbar(…)` of `@cruddur/trace-web/rollbar`. */
  reports?: Reports | undefined
}
