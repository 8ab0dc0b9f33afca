export const GroupList = (_: { selected?: string }) => null
