import type { Reports } from './faults.ts'

export type RollbarOptions = {
  /** The page's own token, which can only post items and is public by design. Without it, nothing is reported. */
  accessToken: string | null | undefined
  endpoint?: string | undefined
  environment?: string | undefined
  /** Why reports are on or off, for `pageSignals`. */
  because?: string | undefined
}

export type RollbarReports = Reports & Pick<RollbarOptions, 'accessToken' | 'environment'>

/** Its package is loaded after the page, because the first paint does not need it. */
export const rollbar = ({
  accessToken,
  endpoint = 'https://api.rollbar.com/api/1/item/',
  environment = 'production',
  because = `the access token is ${accessToken ? '' : 'not '}set`,
}: RollbarOptions): RollbarReports => ({
  accessToken,
  environment,
  destination: accessToken ? endpoint : null,
  because,
  load: () => import('./rollbar-sender.ts'),
})
