type Props = { onDone?: () => void }

export const Composer = (_: Props) => null
