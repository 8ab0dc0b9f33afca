import type { Reply } from '@cruddur/shared/activities'

export const profileAddress = (handle: string): string => `/@${handle}`
export const activityAddress = ({ handle, uuid }: Pick<Reply, 'handle' | 'uuid'>): string =>
  `/@${handle}/status/${uuid}`
export const searchAddress = (term: string): string => `/search?${new URLSearchParams({ term })}`
