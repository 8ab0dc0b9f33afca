import './telemetry.js'
import { ErrorBoundary, RollbarProvider } from '@cruddur/trace-web/rollbar-react'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'

const post = async (path) => {
  const answer = await fetch(path, { method: 'POST' })
  return answer.ok ? `${(await answer.json()).orders} orders` : 'That did not work.'
}

const Shop = () => {
  const [state, setState] = useState('')
  return (
    <main>
      <h1>Shop</h1>
      <button type="button" onClick={async () => setState(await post('/api/orders'))}>
        Buy
      </button>
      <button type="button" onClick={async () => setState(await post('/api/returns'))}>
        Return
      </button>
      <output>{state}</output>
    </main>
  )
}

createRoot(document.getElementById('root')).render(
  <RollbarProvider>
    <ErrorBoundary>
      <Shop />
    </ErrorBoundary>
  </RollbarProvider>,
)
