import { Fragment, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import * as telemetry from '#telemetry'

const { Frame = Fragment, rootOptions = {} } = telemetry

type Item = { id: number; name: string }

/** Two awaits that a native page has before a request, of a kind that loses most contexts: a microtask and a timer. */
const buy = async (): Promise<number> => {
  await Promise.resolve()
  await new Promise((resolve) => setTimeout(resolve))
  const answer = await fetch('/api/orders', { method: 'POST' })
  return (await answer.json()).orders
}

const Shop = () => {
  const [items, setItems] = useState<Item[]>([])
  const [orders, setOrders] = useState(0)
  useEffect(() => {
    void fetch('/api/items')
      .then((answer) => answer.json())
      .then(setItems)
  }, [])
  return (
    <main>
      <h1>Shop</h1>
      <button type="button" onClick={async () => setOrders(await buy())}>
        Buy
      </button>
      <button
        type="button"
        onClick={() => {
          throw new Error('The shop is closed.')
        }}
      >
        Break
      </button>
      <output>{orders} orders</output>
      <ul>
        {items.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
      </ul>
    </main>
  )
}

createRoot(document.getElementById('root') as HTMLElement, rootOptions).render(
  <Frame>
    <Shop />
  </Frame>,
)
