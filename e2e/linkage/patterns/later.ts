import { work } from '../work.ts'

export const later = (id: string): Promise<unknown> => work(id)
