import { faults, relay, requestLog, serverTiming } from '@cruddur/trace-node/express'
import express from 'express'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
await pool.query('CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY)')

const app = express()
app.use(serverTiming(), requestLog(), relay())
app.use(express.static('dist'))
app.post('/api/orders', async (_request, response) => {
  await pool.query('INSERT INTO orders DEFAULT VALUES')
  const { rows } = await pool.query('SELECT count(*)::int AS orders FROM orders')
  response.json(rows[0])
})
app.post('/api/returns', async () => {
  await pool.query('INSERT INTO returns DEFAULT VALUES')
})
app.use(faults())
app.listen(process.env.PORT, '127.0.0.1')
