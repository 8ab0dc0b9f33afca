type Location = { pathname: string; search: string }

export const isHome = (pathname: string): boolean => pathname === '/' || pathname === '/following'

export const isAccountPage = (pathname: string): boolean => pathname === '/signin' || pathname === '/signup'

/** The router cannot match `/@:handle`, so the pages check the `@`. */
export const handleIn = (segment: string | undefined): string | null =>
  /^@(\w{1,30})$/.exec(segment ?? '')?.[1]?.toLowerCase() ?? null

/** Where to go after signing in: a path of this site, or home. */
export const returnPath = (from: string | null): string => {
  if (!from?.startsWith('/')) return '/'
  // `//host` and `/\host` lead to another origin, and a browser reads some other spellings in the same way.
  const origin = 'https://page.invalid'
  const url = URL.parse(from, origin)
  if (url?.origin !== origin || isAccountPage(url.pathname)) return '/'
  const path = `${url.pathname}${url.search}`
  return path.startsWith('//') ? '/' : path
}

/** The address of an account page, with the page to return to. */
export const accountPath = (page: '/signin' | '/signup', { pathname, search }: Location): string => {
  const from = isAccountPage(pathname)
    ? returnPath(new URLSearchParams(search).get('from'))
    : returnPath(`${pathname}${search}`)
  return from === '/' ? page : `${page}?${new URLSearchParams({ from })}`
}
