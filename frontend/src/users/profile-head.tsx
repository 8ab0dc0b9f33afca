import type { Profile } from '@cruddur/shared/users'

export const ProfileHead = ({ profile }: { profile: Profile }) => <h1 id="page-title">{profile.display_name}</h1>
