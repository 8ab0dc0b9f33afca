import { relay } from '@cruddur/trace-node/express'
import { passTo } from '@cruddur/trace-node/parts'
import express from 'express'
import pg from 'pg'
import { spans } from './telemetry.js'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
await pool.query('CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY)')

const app = express()
app.use(relay({ service: 'shop-web', accept: passTo(spans) }))
app.use(express.static('web/dist'))
app.post('/api/orders', async (_request, response) => {
  await pool.query('INSERT INTO orders DEFAULT VALUES')
  const { rows } = await pool.query('SELECT count(*)::int AS orders FROM orders')
  response.json(rows[0])
})
app.listen(process.env.PORT, '127.0.0.1')
