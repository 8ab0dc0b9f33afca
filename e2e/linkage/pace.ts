// Loaded before the tracer, so that its listeners see each event first.

/** An action ends 500 ms after its last work. On a busy machine the next work may begin later, and then it is not linked. */
const lateMs = 450
const settledMs = 60

let open = 0
let quietSince = 0
let isLate = false

const onEvent = ({ isTrusted, timeStamp }: Event): void => {
  if (isTrusted) quietSince = timeStamp
}
for (const type of ['click', 'keydown', 'wheel']) addEventListener(type, onEvent, true)

export const workBegins = (): void => {
  isLate ||= performance.now() - quietSince > lateMs
  open += 1
}

export const workEnds = (): void => {
  open -= 1
  quietSince = performance.now()
}

/** Waits until the page has its answers and sends nothing more. Says whether any work began late. */
export const settle = async (): Promise<boolean> => {
  do await new Promise((resolve) => setTimeout(resolve, settledMs))
  while (open > 0)
  const wasLate = isLate
  isLate = false
  return wasLate
}
