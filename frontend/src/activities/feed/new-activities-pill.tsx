import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { counted } from '../activity-words.ts'
import { keepFirstPage, useNewCount } from '../cache/activity-cache.ts'

type Props = {
  list: string
  queryKey: readonly unknown[]
  read: () => Promise<{ isSuccess: boolean }>
  onShown: () => void
}

/** New activities wait here until the user asks for them, so the list does not move. */
export const NewActivitiesPill = ({ list, queryKey, read, onShown }: Props) => {
  const queries = useQueryClient()
  const count = useNewCount(list)
  const [isReading, setReading] = useState(false)

  const show = async (): Promise<void> => {
    setReading(true)
    keepFirstPage(queries, queryKey)
    window.scrollTo({ top: 0 })
    const { isSuccess } = await read()
    setReading(false)
    if (isSuccess) onShown()
  }

  return (
    <div className="new-pill">
      <p role="status" className="visually-hidden">
        {count > 0 && `${counted(count, 'new crud', 'new cruds')} above`}
      </p>
      {/* It floats above the list, without moving it. */}
      <div className="pill-slot">
        {count > 0 && (
          <button
            type="button"
            className="button pill"
            data-trace="show new"
            aria-disabled={isReading}
            onClick={() => !isReading && void show()}
          >
            Show {counted(count, 'new crud', 'new cruds')}
          </button>
        )}
      </div>
    </div>
  )
}
