import './telemetry.js'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'

const buy = async () => {
  const answer = await fetch('/api/orders', { method: 'POST' })
  return (await answer.json()).orders
}

const Shop = () => {
  const [orders, setOrders] = useState(0)
  return (
    <main>
      <h1>Shop</h1>
      <button type="button" onClick={async () => setOrders(await buy())}>
        Buy
      </button>
      <p>{orders} orders</p>
    </main>
  )
}

createRoot(document.getElementById('root')).render(<Shop />)
