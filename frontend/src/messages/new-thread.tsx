export const NewThread = (_: { handle: string }) => null
