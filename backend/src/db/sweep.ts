import { attr, spanName } from '@cruddur/shared/telemetry'
import type pg from 'pg'
import { annotate, traced } from '../telemetry/index.ts'

/** What has just expired may still be in somebody's hands: a repetition of the request that wrote it, a page that asks about it. */
const after = "interval '10 minutes'"
const batchSize = 100

const isDue = `SELECT FROM activities
WHERE reply_to_activity_uuid IS NULL AND expires_at < now() - ${after}
ORDER BY expires_at LIMIT 1`

// The roots only: each takes its replies along, and nobody else deletes in its tree. Whatever another backend holds is its.
const removeBatch = `WITH due AS (
  SELECT uuid FROM activities
  WHERE reply_to_activity_uuid IS NULL AND expires_at < now() - ${after}
  ORDER BY expires_at LIMIT ${batchSize} FOR UPDATE SKIP LOCKED
)
DELETE FROM activities USING due WHERE activities.uuid = due.uuid`

/** Cleans up after what has expired. The queries decide what has: nothing depends on when this is done. */
export const sweep = async (pool: pg.Pool, stop: AbortSignal): Promise<number> => {
  // Without a span around it this makes no trace: most of the time there is nothing to tell.
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
