export const SearchResults = (_: { term: string }) => null

export const SearchBox = () => null
