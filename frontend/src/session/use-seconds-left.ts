import { useEffect, useState } from 'react'
import { isApiError } from '../api/api-error.ts'

/** How long whoever tried too often has to wait still. */
export const useSecondsLeft = (error: Error | null): number => {
  const [left, setLeft] = useState(0)
  useEffect(() => {
    const seconds = isApiError(error, 'too_many_requests') ? (error.retryAfterSeconds ?? 0) : 0
    setLeft(seconds)
    if (seconds === 0) return
    const until = performance.now() + seconds * 1_000
    const timer = setInterval(() => {
      const rest = Math.max(0, Math.ceil((until - performance.now()) / 1_000))
      setLeft(rest)
      if (rest === 0) clearInterval(timer)
    }, 1_000)
    return () => clearInterval(timer)
  }, [error])
  return left
}
