/** Pages overlap when something arrives while they are fetched. An item is shown once, where it comes first. */
export const onceEach = <Item extends { uuid: string }>(pages: readonly (readonly Item[])[]): Item[] => {
  const known = new Map<string, Item>()
  for (const item of pages.flat()) if (!known.has(item.uuid)) known.set(item.uuid, item)
  return [...known.values()]
}
