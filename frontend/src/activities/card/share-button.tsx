import type { Reply } from '@cruddur/shared/activities'
import { useEffect, useState } from 'react'
import { Icon } from '../../ui/icons.tsx'
import { useNotify } from '../../ui/notify.ts'
import { activityAddress } from '../addresses.ts'

const shownMs = 2_500

export const ShareButton = ({ activity }: { activity: Reply }) => {
  const [isCopied, setCopied] = useState(false)
  const notify = useNotify()

  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), shownMs)
    return () => clearTimeout(timer)
  }, [isCopied])

  const share = async (): Promise<void> => {
    const url = new URL(activityAddress(activity), location.href).href
    if (await isShared({ url, title: `${activity.display_name} on Cruddur` })) return
    try {
      await navigator.clipboard.writeText(url)
      setCopied(true)
    } catch {
      notify({ sentence: `Could not copy the link. Here it is: ${url}`, traceId: null })
    }
  }

  return (
    <button
      type="button"
      className="mark share"
      data-trace="share"
      aria-label={`Share ${activity.display_name}’s crud`}
      title="Share"
      onClick={() => void share()}
    >
      <Icon name={isCopied ? 'check' : 'share'} size={18} />
      <span role="status" className="share-said">
        {isCopied && 'Link copied'}
      </span>
    </button>
  )
}

/** True if the browser's own share dialog was used or closed. */
const isShared = async (given: ShareData): Promise<boolean> => {
  if (!navigator.canShare?.(given)) return false
  try {
    await navigator.share(given)
    return true
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError'
  }
}
