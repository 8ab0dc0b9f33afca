/** `main` is named by it: whoever is brought there hears which page this is. */
export const pageTitleId = 'page-title'
