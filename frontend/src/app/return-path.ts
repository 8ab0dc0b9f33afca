const accountPages = new Set(['/signin', '/signup'])

export const isAccountPage = (pathname: string): boolean => accountPages.has(pathname)

/** Where to go back to after signing in: a page of ours, or home. An address of anybody else's is none. */
export const returnPath = (from: string | null): string => {
  if (!from?.startsWith('/')) return '/'
  // `//host` and `/\host` leave the origin, and so may what a browser makes of them.
  const here = 'https://page.invalid'
  const url = URL.canParse(from, here) ? new URL(from, here) : null
  if (url?.origin !== here || isAccountPage(url.pathname)) return '/'
  const path = `${url.pathname}${url.search}`
  return path.startsWith('//') ? '/' : path
}

/** The way to an account page that remembers where it was asked from, also from the other account page. */
export const accountPath = (
  page: '/signin' | '/signup',
  { pathname, search }: { pathname: string; search: string },
): string => {
  const from = isAccountPage(pathname)
    ? returnPath(new URLSearchParams(search).get('from'))
    : returnPath(`${pathname}${search}`)
  return from === '/' ? page : `${page}?${new URLSearchParams({ from })}`
}
