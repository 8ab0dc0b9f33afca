import type { Profile } from '@cruddur/shared/users'
import type { ReactNode } from 'react'

type Props = { handle: string; head: (profile: Profile) => ReactNode }

export const UserFeed = (_: Props) => null
