import { pause, work } from '../work.ts'

const Press = ({ id, onPress }: { id: string; onPress: () => unknown }) => (
  <button type="button" id={id} data-trace={id} onClick={() => void onPress()}>
    {id}
  </button>
)

export const handlers = (
  <>
    <Press id="a" onPress={() => work('a')} />
    <Press
      id="b1"
      onPress={async () => {
        await pause(5)
        await work('b1')
      }}
    />
    <Press
      id="b2"
      onPress={async () => {
        await work('b2')
        await work('b2')
      }}
    />
    <Press
      id="b3"
      onPress={async () => {
        for (let step = 0; step < 4; step += 1) await work('b3')
      }}
    />
    <Press
      id="b4"
      onPress={() =>
        Promise.resolve()
          .then(() => work('b4'))
          .then(() => work('b4'))
      }
    />
    <Press
      id="b5"
      onPress={async () => {
        const { later } = await import('./later.ts')
        await later('b5')
      }}
    />
    <Press id="h1" onPress={() => setTimeout(() => void work('h1'), 30)} />
    <Press id="h2" onPress={() => requestAnimationFrame(() => void work('h2'))} />
    <Press id="h5" onPress={() => requestIdleCallback(() => void work('h5'), { timeout: 1_000 })} />
    <Press
      id="h6"
      onPress={() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => void work('h6')
        port2.postMessage(0)
      }}
    />
    <Press
      id="h7"
      onPress={() => {
        const request = new XMLHttpRequest()
        request.onload = () => void work('h7')
        request.open('GET', '/api/plain')
        request.send()
      }}
    />
    <Press
      id="h8"
      onPress={() => {
        const image = new Image()
        image.onload = () => void work('h8')
        image.src = `/api/image?${Math.random()}`
      }}
    />
    <Press id="h9" onPress={() => queueMicrotask(() => void work('h9'))} />
    <Press
      id="h12"
      onPress={() => {
        const { port1, port2 } = new MessageChannel()
        port1.addEventListener('message', () => void work('h12'))
        port1.start()
        port2.postMessage(0)
      }}
    />
    <Press id="h13" onPress={() => Promise.all([work('h13'), work('h13'), work('h13')])} />
    <button type="button" data-trace="s1" onClick={() => void work('s1')}>
      <svg id="s1" width="16" height="16" aria-hidden="true">
        <path d="M0 0H16V16H0Z" />
      </svg>
    </button>
    <button type="button" id="k1" data-trace="k1" onClick={() => void work('k1')}>
      k1
    </button>
    <label id="l1" data-trace="l1">
      l1
      <input type="checkbox" onChange={() => void work('l1')} />
    </label>
    <Press id="n1" onPress={() => awaitNatively('n1', pause, work)} />
    <button type="button" id="n2" data-trace="n2" onPointerDown={() => void work('n2')}>
      n2
    </button>
    <Press id="n3" onPress={() => workInWorker('n3')} />
    <Press id="o1" onPress={() => overlap('o1', 200)} />
    <Press id="o2" onPress={() => overlap('o2', 10)} />
  </>
)

/** Two requests with a pause between them, in which the other one is clicked. */
const overlap = async (id: string, ms: number): Promise<void> => {
  await work(id)
  await pause(ms)
  await work(id)
}

/** As a script would that did not go through the build. */
const awaitNatively = new Function('id', 'pause', 'work', 'return (async () => { await pause(5); await work(id) })()')

const workInWorker = (id: string): void => {
  const script = `fetch('${location.origin}/api/jobs/${id}')`
  new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })))
}
