// The test service for the W3C's Trace Context suite, traced like the backend.
// Usage: see docs/trace-context.md
import express from 'express'

type Call = { url: string; arguments: Call[] }

const port = Number(process.env.PORT ?? 5000)
const app = express()
app.use(express.json())

app.post('/test', async (request, response) => {
  for (const { url, arguments: body } of request.body as Call[]) {
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  }
  response.json({})
})

app.listen(port, '127.0.0.1', () => process.stdout.write(`The test service listens on http://127.0.0.1:${port}/test\n`))
