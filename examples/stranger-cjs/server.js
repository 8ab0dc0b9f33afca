const express = require('express')
const { Pool } = require('pg')
const { relay, serverTiming } = require('@cruddur/trace-node/express')

const pool = new Pool({ connectionString: process.env.DATABASE_URL })
const app = express()
app.use(serverTiming(), relay())
app.use(express.static('dist'))
app.post('/api/orders', (_request, response, next) => {
  pool
    .query('INSERT INTO orders DEFAULT VALUES')
    .then(() => pool.query('SELECT count(*)::int AS orders FROM orders'))
    .then(({ rows }) => response.json(rows[0]))
    .catch(next)
})
pool
  .query('CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY)')
  .then(() => app.listen(process.env.PORT, '127.0.0.1'))
