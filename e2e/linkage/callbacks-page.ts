import { install } from '@cruddur/trace-web/callbacks'
import { current, runIn } from '@cruddur/trace-web/frames'

type Probe = () => void
type Case = (probe: Probe) => unknown
type Scheduling = { scheduler?: { postTask: (run: Probe) => unknown } }

const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const add = (tag: string, parent: Element = document.body): HTMLElement =>
  parent.appendChild(document.createElement(tag))

/** Each calls `probe` from a callback that it gives in context A. */
const linked: Record<string, Case> = {
  setTimeout: (probe) => setTimeout(probe, 1),
  setInterval: (probe) => {
    const timer = setInterval(() => {
      clearInterval(timer)
      probe()
    }, 1)
  },
  queueMicrotask: (probe) => queueMicrotask(probe),
  requestAnimationFrame: (probe) => requestAnimationFrame(probe),
  requestIdleCallback: (probe) => requestIdleCallback(probe),
  'scheduler.postTask': (probe) => (globalThis as Scheduling).scheduler?.postTask(probe) ?? probe(),
  'navigator.locks': (probe) => navigator.locks.request(`lock${Math.random()}`, probe),
  'document.startViewTransition': (probe) => document.startViewTransition?.(probe) ?? probe(),
  'canvas.toBlob': (probe) => (add('canvas') as HTMLCanvasElement).toBlob(probe),
  'promise.then': (probe) => fetch('/plain').then(probe),
  'promise.catch': (probe) => fetch('bad://address').catch(probe),
  'promise.finally': (probe) => fetch('/plain').finally(probe),
  await: async (probe) => {
    await fetch('/plain')
    probe()
    await turn()
    probe()
  },
  MutationObserver: (probe) => {
    new MutationObserver(probe).observe(document.body, { childList: true })
    add('p')
  },
  IntersectionObserver: (probe) => new IntersectionObserver(probe).observe(add('p')),
  ResizeObserver: (probe) => new ResizeObserver(probe).observe(add('p')),
  PerformanceObserver: (probe) => {
    new PerformanceObserver(probe).observe({ type: 'mark' })
    performance.mark('one')
  },
  'XMLHttpRequest.onload': (probe) => {
    const request = new XMLHttpRequest()
    request.onload = probe
    request.onreadystatechange = probe
    request.open('GET', '/plain')
    // The change to "opened" happens inside of open().
    request.send()
  },
  'XMLHttpRequest listener': (probe) => {
    const request = new XMLHttpRequest()
    request.addEventListener('loadend', { handleEvent: probe })
    request.upload.addEventListener('load', probe)
    request.open('POST', '/plain')
    request.send('body')
  },
  FileReader: (probe) => {
    const reader = new FileReader()
    reader.onload = probe
    reader.readAsText(new Blob(['text']))
  },
  IndexedDB: (probe) => {
    const opening = indexedDB.open(`base${Math.random()}`)
    opening.onupgradeneeded = () => {
      probe()
      opening.result.createObjectStore('store')
    }
    opening.onsuccess = () => {
      probe()
      const transaction = opening.result.transaction('store', 'readwrite')
      transaction.objectStore('store').put(1, 'key').addEventListener('success', probe)
      transaction.oncomplete = probe
    }
  },
  'MessagePort.onmessage': (probe) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = probe
    port2.postMessage(0)
  },
  'MessagePort listener': (probe) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', probe)
    port1.start()
    port2.postMessage(0)
  },
  Worker: (probe) => {
    const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(0)'])))
    worker.onmessage = probe
  },
  EventSource: (probe) => {
    const source = new EventSource('/events')
    source.addEventListener('message', () => {
      source.close()
      probe()
    })
  },
  'AbortSignal.timeout': (probe) => AbortSignal.timeout(5).addEventListener('abort', probe),
  'load of an image': (probe) => {
    const image = new Image()
    image.onload = probe
    image.addEventListener('load', probe)
    image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='
  },
  'error of an image': (probe) => {
    const image = new Image()
    image.onerror = probe
    image.src = 'data:,'
  },
  'load of a script': (probe) => {
    const script = add('script') as HTMLScriptElement
    script.addEventListener('load', probe)
    script.src = '/script.js'
  },
  'end of an animation': (probe) => {
    const animation = add('p').animate([{ opacity: 0 }, { opacity: 1 }], 10)
    animation.onfinish = probe
    animation.finished.then(probe)
  },
  'end of a transition': async (probe) => {
    const element = add('p')
    element.style.cssText = 'opacity: 0; transition: opacity 10ms'
    element.addEventListener('transitionend', probe)
    element.getBoundingClientRect()
    element.style.opacity = '1'
  },
}

const inOther = <Result>(fn: () => Result): Result => runIn('B', fn)
const outside = <Result>(fn: () => Result): Result => runIn(undefined, fn)

/** What each probe must find, where the callback is given in context A. */
const separate: Record<string, [expected: string[], run: (find: Probe) => unknown]> = {
  'a click, with a listener that A added': [
    ['none'],
    (find) => {
      const button = add('button')
      button.id = 'click'
      button.addEventListener('click', find)
    },
  ],
  'a click, with a handler that A set': [
    ['none'],
    (find) => {
      const button = add('button')
      button.id = 'click'
      button.onclick = find
    },
  ],
  'a key, with a listener that A added to the window': [
    ['none'],
    (find) => {
      add('button').id = 'key'
      addEventListener('keydown', find, { once: true })
    },
  ],
  'a scroll, with a listener that A added': [
    ['none'],
    async (find) => {
      const box = add('div')
      box.style.cssText = 'height: 10px; overflow: auto'
      add('p', box).style.height = '100px'
      box.addEventListener('scroll', find, { once: true })
      await outside(() => turn(20))
      outside(() => box.scrollTo(0, 10))
    },
  ],
  'a message of another tab': [
    ['none'],
    (find) => {
      new BroadcastChannel('tabs').addEventListener('message', find)
      outside(() => new BroadcastChannel('tabs').postMessage(0))
    },
  ],
  'a message to the window': [
    ['none'],
    (find) => {
      addEventListener('message', find, { once: true })
      outside(() => postMessage(0))
    },
  ],
  'click() by B': [
    ['B'],
    (find) => {
      const button = add('button')
      button.addEventListener('click', find)
      inOther(() => button.click())
    },
  ],
  'an event that B dispatches': [
    ['B', 'none'],
    (find) => {
      const target = new EventTarget()
      target.addEventListener('told', find)
      inOther(() => target.dispatchEvent(new Event('told')))
      outside(() => target.dispatchEvent(new Event('told')))
    },
  ],
  'a load that B dispatches': [
    ['B'],
    (find) => {
      const image = add('img')
      image.addEventListener('load', find)
      inOther(() => image.dispatchEvent(new Event('load')))
    },
  ],
  'abort() by B': [
    ['B'],
    (find) => {
      const controller = new AbortController()
      controller.signal.addEventListener('abort', find)
      inOther(() => controller.abort())
    },
  ],
  'one listener for two requests': [
    ['A', 'B'],
    async (find) => {
      const send = () => {
        const request = new XMLHttpRequest()
        request.addEventListener('load', find)
        request.open('GET', '/plain')
        request.send()
      }
      send()
      await turn(100)
      inOther(send)
    },
  ],
  'a listener that B adds again after its end': [
    ['A', 'B'],
    async (find) => {
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener('message', find, { once: true })
      port1.start()
      port2.postMessage(0)
      await turn(50)
      inOther(() => port1.addEventListener('message', find, { once: true }))
      port2.postMessage(0)
    },
  ],
  'a listener that is added twice is called once': [
    ['B'],
    (find) => {
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener('message', find)
      inOther(() => port1.addEventListener('message', find))
      port1.start()
      port2.postMessage(0)
    },
  ],
  'a listener that is added twice, first without a context, is called once': [
    ['none'],
    (find) => {
      const { port1, port2 } = new MessageChannel()
      outside(() => port1.addEventListener('message', find))
      port1.addEventListener('message', find)
      port1.start()
      port2.postMessage(0)
    },
  ],
  'a listener that is removed': [
    [],
    (find) => {
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener('message', find, true)
      port1.removeEventListener('message', find, { capture: true })
      port1.onmessage = find
      if (port1.onmessage !== find) throw new Error('another handler')
      port1.onmessage = null
      port1.start()
      port2.postMessage(0)
    },
  ],
  'a timer without a context': [['none'], (find) => outside(() => setTimeout(find, 1))],
  'an observer without a context': [
    ['none'],
    (find) => {
      const observer = outside(() => new MutationObserver(find))
      observer.observe(document.body, { childList: true })
      add('p')
    },
  ],
  'code that was not compiled, after its await': [
    ['none'],
    (find) => {
      const script = add('script')
      script.textContent = 'window.notCompiled = async (find) => { await null; find() }'
      void (window as unknown as { notCompiled: (find: Probe) => void }).notCompiled(find)
    },
  ],
}

type Found = Record<string, string[]>
const found: Found = {}
const between: string[] = []

install()
const watch = async (): Promise<void> => {
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    if (current() !== undefined) between.push(String(current()))
  }
}
void watch()

const start = (name: string, kind: 'linked' | 'separate'): void => {
  found[name] = []
  const find = () => void found[name]?.push(String(current() ?? 'none'))
  document.body.textContent = ''
  runIn('A', () => (kind === 'linked' ? linked[name]?.(find) : separate[name]?.[1](find)))
}

Object.assign(window, {
  callbacks: {
    start,
    found,
    between,
    linked: Object.keys(linked),
    separate: Object.fromEntries(Object.entries(separate).map(([name, [expected]]) => [name, expected])),
  },
})
