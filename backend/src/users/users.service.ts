import { attr, spanName } from '@cruddur/shared/telemetry'
import {
  type AccountExport,
  exportMaxRows,
  type Follow,
  type People,
  type Profile,
  type UserShort,
} from '@cruddur/shared/users'
import { invalidInput, noSuchPerson } from '../errors.ts'
import { annotate, traced } from '../telemetry/index.ts'
import { selectExport } from './export.queries.ts'
import { deleteFollow, insertFollow, selectSuggested, selectUser, updateUser } from './users.queries.ts'

const suggestionsMax = 5

export const readUser = traced(spanName.userShort, (handle: string) => find(handle))

export const suggestUsers = traced(spanName.userSuggest, async (asker: UserShort | null): Promise<People> => {
  const people = await selectSuggested(asker?.uuid ?? null, suggestionsMax)
  annotate({ [attr.resultLength]: people.length })
  return { people }
})

export const updateProfile = traced(
  spanName.userUpdate,
  async (user: UserShort, changes: { display_name: string; bio: string }): Promise<Profile> => {
    const [row] = await updateUser(user.uuid, changes)
    if (!row) throw noSuchPerson()
    return { ...row, created_at: row.created_at.toISOString(), followed: false, follows_you: false }
  },
)

export const exportAccount = traced(spanName.accountExport, async (user: UserShort): Promise<AccountExport> => {
  const [row] = await selectExport(user.uuid, exportMaxRows)
  if (!row) throw noSuchPerson()
  return row.export
})

export const follow = traced(spanName.userFollow, (user: UserShort, handle: string) =>
  changeFollow(user, handle, insertFollow, true),
)

export const unfollow = traced(spanName.userUnfollow, (user: UserShort, handle: string) =>
  changeFollow(user, handle, deleteFollow, false),
)

const changeFollow = async (
  user: UserShort,
  handle: string,
  change: typeof insertFollow,
  followed: boolean,
): Promise<Follow> => {
  const other = await find(handle)
  if (other.uuid === user.uuid) throw invalidInput({ handle: 'is your own' }, 'You cannot follow yourself.')
  const [row] = await change(user.uuid, other.uuid)
  if (!row) throw noSuchPerson()
  annotate({ [attr.changed]: row.changed })
  return { handle: other.handle, followed, followers_count: row.followers_count }
}

const find = async (handle: string): Promise<UserShort> => {
  const [user] = await selectUser(handle)
  if (!user) throw noSuchPerson()
  annotate({ [attr.otherUserId]: user.uuid })
  return user
}
