/** Every request names the pattern that it belongs to; which click that was, the trace must say. */
export const work = async (id: string): Promise<unknown> => {
  const response = await fetch(`/api/jobs/${id}`)
  return response.json()
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
