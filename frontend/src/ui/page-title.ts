/** The `h1` of the page, which also names `main` for screen readers. */
export const pageTitleId = 'page-title'
