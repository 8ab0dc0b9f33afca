import { attr, spanName } from '@cruddur/shared/telemetry'
import type pg from 'pg'
import { annotate, traced } from '../telemetry/index.ts'

/** A retry or an open page may still ask for an activity that has just expired. */
const gracePeriod = "interval '10 minutes'"
const batchSize = 100

const isDue = `SELECT FROM activities
WHERE reply_to_activity_uuid IS NULL AND expires_at < now() - ${gracePeriod}
ORDER BY expires_at LIMIT 1`

// Only roots: their replies are deleted with them. SKIP LOCKED leaves rows to the backend that is already sweeping them.
const removeBatch = `WITH due AS (
  SELECT uuid FROM activities
  WHERE reply_to_activity_uuid IS NULL AND expires_at < now() - ${gracePeriod}
  ORDER BY expires_at LIMIT ${batchSize} FOR UPDATE SKIP LOCKED
)
DELETE FROM activities USING due WHERE activities.uuid = due.uuid`

/** Removes expired activities. Queries never return them, so it does not matter when this runs. */
export const sweep = async (pool: pg.Pool, stop: AbortSignal): Promise<number> => {
  // Not in a span, so an empty sweep makes no trace.
  const { rowCount } = await pool.query(isDue)
  return rowCount === 0 ? 0 : removeExpired(pool, stop)
}

const removeExpired = traced(spanName.activitySweep, async (pool: pg.Pool, stop: AbortSignal): Promise<number> => {
  let removed = 0
  try {
    while (!stop.aborted) {
      const { rowCount } = await pool.query(removeBatch)
      removed += rowCount ?? 0
      if ((rowCount ?? 0) < batchSize) break
    }
  } finally {
    annotate({ [attr.resultLength]: removed })
  }
  return removed
})
