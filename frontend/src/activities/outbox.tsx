import type { ReactNode } from 'react'

export const OutboxProvider = ({ children }: { children: ReactNode }) => children
