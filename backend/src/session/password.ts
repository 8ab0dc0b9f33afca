import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { tooManyRequests } from '../errors.ts'

const cost = { log2N: 15, r: 8, p: 3 }
const lengths = { salt: 16, hash: 32 }
/** Each takes 32 MiB and a thread of the few that there are. */
const atOnce = 2
const mostWaiting = 64
const retryAfterSeconds = 5

/** Encoded with what it was made with, so that the cost can be raised without losing anybody. `asker` is who waits for it: an address. */
export const hashPassword = async (password: string, asker: string): Promise<string> => {
  const salt = randomBytes(lengths.salt)
  return encode({ ...cost, salt, hash: await derive(password, { ...cost, salt }, lengths.hash, asker) })
}

/** Where there is no password to compare with, the work is the same. */
export const isPasswordOf = async (password: string, encoded: string | null, asker: string): Promise<boolean> => {
  const { hash, ...made } = decode(encoded ?? nobodys)
  const isSame = timingSafeEqual(await derive(password, made, hash.length, asker), hash)
  const isRight = isSame && encoded !== null
  if (isRight) had.delete(asker)
  return isRight
}

type Made = { readonly log2N: number; readonly r: number; readonly p: number; readonly salt: Buffer }
type Encoded = Made & { readonly hash: Buffer }

const encode = ({ log2N, r, p, salt, hash }: Encoded): string =>
  `$scrypt$ln=${log2N},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`

const decode = (encoded: string): Encoded => {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(encoded)
  if (!match) throw new Error('A password’s hash is not one of ours.')
  const [log2N, r, p] = match.slice(1, 4).map(Number) as [number, number, number]
  const [salt, hash] = match.slice(4).map((text) => Buffer.from(text, 'base64url')) as [Buffer, Buffer]
  return { log2N, r, p, salt, hash }
}

const nobodys = encode({ ...cost, salt: randomBytes(lengths.salt), hash: randomBytes(lengths.hash) })

const derive = (password: string, { log2N, r, p, salt }: Made, length: number, asker: string): Promise<Buffer> => {
  const N = 2 ** log2N
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r }
  return inTurn(
    asker,
    () =>
      new Promise((resolve, reject) => {
        // One keyboard writes é as one character, another as two.
        scrypt(password.normalize('NFKC'), salt, length, options, (error, key) =>
          error ? reject(error) : resolve(key),
        )
      }),
  )
}

type Turn = { readonly asker: string; readonly take: () => void; readonly lose: () => void }

let running = 0
const waiting: Turn[] = []
/** How many turns each asker has had since the work last ran out, or since a password of theirs was right. */
const had = new Map<string, number>()

/** Next is the address with the fewest turns, among equals the newest, so guessers mostly delay each other. */
const inTurn = async <Result>(asker: string, work: () => Promise<Result>): Promise<Result> => {
  if (running >= atOnce) await turnOf(asker)
  else running++
  had.set(asker, (had.get(asker) ?? 0) + 1)
  try {
    return await work()
  } finally {
    const next = leastServed()
    if (next) next.take()
    else if (--running === 0) had.clear()
  }
}

const turnOf = (asker: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const turn: Turn = {
      asker,
      take: resolve,
      lose: () => reject(tooManyRequests('Too many people sign in just now.', retryAfterSeconds)),
    }
    waiting.push(turn)
    if (waiting.length > mostWaiting) greediest().lose()
  })

const leastServed = (): Turn | undefined => {
  const [first] = waiting.toReversed().toSorted((a, b) => (had.get(a.asker) ?? 0) - (had.get(b.asker) ?? 0))
  if (first) waiting.splice(waiting.indexOf(first), 1)
  return first
}

/** The last to come of those with the most turns, had and waited for. */
const greediest = (): Turn => {
  const wanted = new Map(had)
  for (const { asker } of waiting) wanted.set(asker, (wanted.get(asker) ?? 0) + 1)
  const [last] = waiting.toReversed().toSorted((a, b) => (wanted.get(b.asker) ?? 0) - (wanted.get(a.asker) ?? 0))
  return waiting.splice(waiting.indexOf(last as Turn), 1)[0] as Turn
}
