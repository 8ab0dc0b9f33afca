import { pause, work } from '../work.ts'
import { Button } from './button.tsx'

export const handlers = (
  <>
    <Button id="a" onClick={() => work('a')} />
    <Button
      id="b1"
      onClick={async () => {
        await pause(5)
        await work('b1')
      }}
    />
    <Button
      id="b2"
      onClick={async () => {
        await work('b2')
        await work('b2')
      }}
    />
    <Button
      id="b3"
      onClick={async () => {
        for (let step = 0; step < 4; step += 1) await work('b3')
      }}
    />
    <Button
      id="b4"
      onClick={() =>
        Promise.resolve()
          .then(() => work('b4'))
          .then(() => work('b4'))
      }
    />
    <Button
      id="b5"
      onClick={async () => {
        const { later } = await import('./later.ts')
        await later('b5')
      }}
    />
    <Button id="h1" onClick={() => setTimeout(() => void work('h1'), 30)} />
    <Button id="h2" onClick={() => requestAnimationFrame(() => void work('h2'))} />
    <Button id="h5" onClick={() => requestIdleCallback(() => void work('h5'), { timeout: 250 })} />
    <Button
      id="h6"
      onClick={() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => void work('h6')
        port2.postMessage(0)
      }}
    />
    <Button
      id="h7"
      onClick={() => {
        const request = new XMLHttpRequest()
        request.onload = () => void work('h7')
        request.open('GET', '/api/plain')
        request.send()
      }}
    />
    <Button
      id="h8"
      onClick={() => {
        const image = new Image()
        image.onload = () => void work('h8')
        image.src = `/api/image?${Math.random()}`
      }}
    />
    <Button id="h9" onClick={() => queueMicrotask(() => void work('h9'))} />
    <Button
      id="h12"
      onClick={() => {
        const { port1, port2 } = new MessageChannel()
        port1.addEventListener('message', () => void work('h12'))
        port1.start()
        port2.postMessage(0)
      }}
    />
    <Button id="h13" onClick={() => Promise.all([work('h13'), work('h13'), work('h13')])} />
    <button type="button" data-trace="s1" onClick={() => void work('s1')}>
      <svg id="s1" width="16" height="16" aria-hidden="true">
        <path d="M0 0H16V16H0Z" />
      </svg>
    </button>
    <Button id="k1" onClick={() => work('k1')} />
    <label id="l1" data-trace="l1">
      l1
      <input type="checkbox" onChange={() => void work('l1')} />
    </label>
    <Button id="n1" onClick={() => awaitNatively('n1', pause, work)} />
    <button type="button" id="n2" data-trace="n2" onPointerDown={() => void work('n2')}>
      n2
    </button>
    <Button id="n3" onClick={() => workInWorker('n3')} />
    <Button id="o1" onClick={() => overlap('o1', 300)} />
    <Button id="o2" onClick={() => overlap('o2', 10)} />
  </>
)

/** Two requests with a pause, during which the other button is clicked. */
const overlap = async (id: string, ms: number): Promise<void> => {
  await work(id)
  await pause(ms)
  await work(id)
  // The instrumentation alone would end its span 300 ms after the answer.
  setTimeout(() => Object.assign(window, { isLate: true }), 250)
}

/** Like a script that did not go through the build. */
const awaitNatively = new Function('id', 'pause', 'work', 'return (async () => { await pause(5); await work(id) })()')

const workInWorker = (id: string): void => {
  const script = `fetch('${location.origin}/api/jobs/${id}')`
  new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })))
}
