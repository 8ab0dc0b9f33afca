const storageKey = 'reloaded-for'

const serverVersion = async (): Promise<string | null> => {
  try {
    const answer = await fetch('/version.json', { cache: 'no-store' })
    const { version } = await answer.json()
    return version
  } catch {
    return null
  }
}

/**
 * A deployment removes the files of the former build, so the page reloads, once for each version. Firefox never asks
 * again for a file that did not come, so the second failure reloads, too. Otherwise throws the error again.
 */
export const reloadForCode = async (error: unknown, { isRetry = false } = {}): Promise<never> => {
  const version = await serverVersion()
  const isNews = version !== import.meta.env?.SERVICE_VERSION && version !== sessionStorage.getItem(storageKey)
  if (version === null || !(isNews || isRetry)) throw error
  sessionStorage.setItem(storageKey, version)
  location.reload()
  return new Promise(() => {})
}
