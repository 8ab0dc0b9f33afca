import './telemetry.js'

document.querySelector('button').addEventListener('click', async () => {
  const answer = await fetch('/api/orders', { method: 'POST' })
  const { orders } = await answer.json()
  document.querySelector('output').textContent = `${orders} orders`
})
