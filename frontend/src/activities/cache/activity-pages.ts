import type { Activity, Reply } from '@cruddur/shared/activities'
import type { Profile } from '@cruddur/shared/users'

/** A page of any list of activities. */
export type Page = {
  readonly profile?: Profile
  readonly activities?: readonly Activity[]
  readonly activity?: Activity
  readonly parent?: Activity | null
  readonly replies?: readonly Reply[]
  readonly next_cursor: string | null
}

type Changing = <Shown extends Reply>(activity: Shown) => Shown

const same = <Item>(items: readonly Item[], change: (item: Item) => Item): readonly Item[] => {
  const changed = items.map(change)
  return changed.some((item, index) => item !== items[index]) ? changed : items
}

const withReplies =
  (change: Changing) =>
  (activity: Activity): Activity => {
    const changed = change(activity)
    const replies = same(changed.replies, change)
    return replies === changed.replies ? changed : { ...changed, replies: [...replies] }
  }

/** Changes activities everywhere on a page. If nothing changes, it returns the same object. */
export const changedPage = <Any extends Page>(page: Any, change: Changing): Any => {
  const changeAll = withReplies(change)
  const { activities, activity, parent, replies } = page
  const changed = {
    ...(activities && { activities: same(activities, changeAll) }),
    ...(activity && { activity: changeAll(activity) }),
    ...(parent && { parent: changeAll(parent) }),
    ...(replies && { replies: same(replies, change) }),
  }
  const isSame = Object.entries(changed).every(([name, value]) => value === page[name as keyof Page])
  return isSame ? page : { ...page, ...changed }
}

export const activitiesIn = (page: Page): (Activity | Reply)[] => {
  const { activity, parent, activities = [], replies = [] } = page
  const cards = [activity, parent, ...activities].filter((card) => card != null)
  return [...cards.flatMap((card) => [...card.replies, card]), ...replies]
}

const inlineReplies = 3

/** Shows only the newest replies, as the server does. */
export const withNewReply = <Shown extends Reply>(activity: Shown, reply: Reply): Shown => {
  if (activity.uuid !== reply.reply_to_activity_uuid || !('replies' in activity)) return activity
  const { replies } = activity as unknown as Activity
  if (replies.some(({ uuid }) => uuid === reply.uuid)) return activity
  const shown = [...replies, reply].slice(-inlineReplies)
  // The full count comes with a live event.
  return { ...activity, replies: shown, replies_count: Math.max(activity.replies_count, shown.length) }
}

const first = <Item>(items: readonly Item[], change: (item: Item) => Item): Item[] =>
  items.map((item, index) => (index === 0 ? change(item) : item))

const isIn = (pages: readonly Page[], uuid: string): boolean =>
  pages.some((page) => [...(page.activities ?? []), ...(page.replies ?? [])].some((activity) => activity.uuid === uuid))

export const withNewest = (pages: readonly Page[], activity: Activity): readonly Page[] =>
  isIn(pages, activity.uuid)
    ? pages
    : first(pages, (page) => ({ ...page, activities: [activity, ...(page.activities ?? [])] }))

/** Adds the reply only if the last page of replies is loaded. */
export const withLastReply = (pages: readonly Page[], reply: Reply): readonly Page[] => {
  const end = pages.at(-1)
  if (!end || end.next_cursor !== null || isIn(pages, reply.uuid)) return pages
  return [...pages.slice(0, -1), { ...end, replies: [...(end.replies ?? []), reply] }]
}

export const withoutRepost = (page: Page, uuid: string, handle: string): Page => {
  const left = page.activities?.filter(
    (activity) => activity.uuid !== uuid || activity.reposted_by?.handle !== handle || activity.handle === handle,
  )
  return left && left.length < (page.activities?.length ?? 0) ? { ...page, activities: left } : page
}

/** A card shows only the newest replies. This counts the others, which are on the activity's own page. */
export const hiddenReplies = ({ replies, replies_count }: Activity): number =>
  Math.max(0, replies_count - replies.length)
