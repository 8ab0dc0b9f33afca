import type { UserShort } from '@cruddur/shared/users'

export const PersonLine = ({ person }: { person: UserShort }) => <span>{person.display_name}</span>
