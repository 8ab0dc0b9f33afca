import { workBegins, workEnds } from './pace.ts'

/** The request names its pattern. Only the trace can say which click it belongs to. */
export const work = async (id: string): Promise<unknown> => {
  workBegins()
  try {
    const response = await fetch(`/api/jobs/${id}`)
    return await response.json()
  } finally {
    workEnds()
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
