import type { ReactNode } from 'react'

type Props = { id: string; onClick: () => unknown; children?: ReactNode }

export const Button = ({ id, onClick, children = id }: Props) => (
  <button type="button" id={id} data-trace={id} onClick={() => void onClick()}>
    {children}
  </button>
)
