import { useCallback } from 'react'
import { useTimed } from './clock.ts'
import { exactTime, shareLeft, timeAgo, timeLeft } from './relative-time.ts'

export const TimeAgo = ({ at }: { at: string }) => {
  const words = useTimed(useCallback((now) => timeAgo(at, now), [at]))
  return (
    <time dateTime={at} title={exactTime(at)}>
      {words}
    </time>
  )
}

const circumference = 2 * Math.PI * 6

/** A ring that burns down until the crud expires. */
export const TimeLeft = ({ from, until }: { from: string; until: string }) => {
  const words = useTimed(useCallback((now) => timeLeft(until, now), [until]))
  const share = useTimed(useCallback((now) => shareLeft(from, until, now), [from, until]))
  return (
    <span className="time-left" data-ending={share <= 0.1 || undefined}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle className="time-left-track" cx="8" cy="8" r="6" />
        <circle
          className="time-left-rest"
          cx="8"
          cy="8"
          r="6"
          strokeDasharray={`${share * circumference} ${circumference}`}
          transform="rotate(-90 8 8)"
        />
      </svg>
      <time dateTime={until} title={`Expires ${exactTime(until)}`}>
        {words}
      </time>
    </span>
  )
}
