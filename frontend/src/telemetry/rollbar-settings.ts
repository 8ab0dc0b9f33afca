const { VITE_ROLLBAR_ACCESS_TOKEN, VITE_ROLLBAR_ENDPOINT } = import.meta.env

/** The page's own token may only post items and is public by design; null: nothing is reported. */
export const rollbarToken: string | null = VITE_ROLLBAR_ACCESS_TOKEN || null
export const rollbarEndpoint: string | null =
  rollbarToken && (VITE_ROLLBAR_ENDPOINT || 'https://api.rollbar.com/api/1/item/')
