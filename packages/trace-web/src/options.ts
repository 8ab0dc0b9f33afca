export type Route = { method: string; path: string }

export type PageOptions = {
  service: string
  version?: string | undefined
  /** The API's origin, if it is not the page's own. */
  apiUrl?: string | undefined
  /** The API's operations, for the names of requests. Ids in any other path become `:id`. */
  routes?: readonly Route[]
  /** Requests to these addresses have no spans. */
  untraced?: readonly string[]
  /** Whether an answer of the API with this status is no error. */
  isExpected?: (status: number) => boolean
  /** The key of the visit in the tab's storage. */
  sessionKey?: string
  rollbar?: RollbarOptions
}

type RollbarOptions = {
  /** Null disables the reports. */
  token: string | null
  endpoint?: string | null
  environment: string
  /** Why the page reports or does not, for `pageSignals`. */
  reason: string
}

let given: PageOptions = { service: 'unknown_service:browser' }

export const pageOptions = (): PageOptions => given
export const setPageOptions = (options: PageOptions): void => {
  given = options
}
