type Props = { handle: string; uuid: string }

export const CrudView = (_: Props) => null
