import type { AddressInfo } from 'node:net'
import express, { type NextFunction, type Request, type Response } from 'express'
import pg from 'pg'
import { AWSXRay, heldLines, logger, rollbar } from './telemetry.ts'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
const app = express()

app.get('/held', (_req, res) => void res.json({ lines: heldLines() }))

if (process.env.AWS_XRAY_DAEMON_ADDRESS) {
  app.use((req, res, next) => {
    const segment = new AWSXRay.Segment('stock')
    segment.addIncomingRequestData(new AWSXRay.middleware.IncomingRequestData(req))
    res.on('finish', () => segment.close())
    AWSXRay.getNamespace().run(() => {
      AWSXRay.setSegment(segment)
      next()
    })
  })
}

app.use((req, res, next) => {
  res.on('finish', () => logger.info(`${req.method} ${req.originalUrl} ${res.statusCode}`))
  next()
})

app.get('/api/activities/home', async (_req, res) => {
  const { rows } = await pool.query(
    `SELECT activities.uuid, handle, message, activities.created_at FROM activities JOIN users ON users.uuid = user_uuid
     WHERE expires_at > now() ORDER BY activities.created_at DESC LIMIT 20`,
  )
  logger.info('the home feed was read', { result_length: rows.length })
  res.json({ activities: rows })
})

app.post('/api/activities/:uuid/like', async (req, res) => {
  const { rows } = await pool.query(
    'UPDATE activities SET likes_count = likes_count WHERE uuid = $1 RETURNING uuid, likes_count',
    [req.params.uuid],
  )
  res.json(rows[0])
})

app.get('/rollbar/test', () => {
  throw new Error('A test of Rollbar: this error was asked for.')
})

app.use(rollbar.errorHandler())
app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
  logger.error(error.stack ?? error.message)
  res.status(500).json({ message: 'Something went wrong.' })
})

const server = app.listen(0, () => {
  console.log(`listens on http://localhost:${(server.address() as AddressInfo).port}`)
  console.log('the backend is ready')
})
