/** Does it while no other tab does; where the browser has no locks, the key of what is sent is what makes it one thing. */
export const alone = async <Result>(name: string, work: () => Promise<Result>): Promise<Result | undefined> => {
  // The work comes after an await of ours: what the browser calls back by itself would belong to no click.
  const release = await hold(name)
  if (!release) return undefined
  try {
    return await work()
  } finally {
    release()
  }
}

const hold = (name: string): Promise<(() => void) | null> =>
  new Promise((resolve) => {
    const goOn = () => resolve(() => {})
    if (!navigator.locks) return goOn()
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => (lock ? new Promise<void>(resolve) : resolve(null)))
      .catch(goOn)
  })
