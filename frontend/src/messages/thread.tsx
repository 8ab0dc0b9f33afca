export const Thread = (_: { uuid: string }) => null
