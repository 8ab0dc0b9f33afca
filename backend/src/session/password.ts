import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { tooManyRequests } from '../errors.ts'

const cost = { log2N: 15, r: 8, p: 3 }
const lengths = { salt: 16, hash: 32 }
/** Each hash takes 32 MiB and one of Node's few threads. */
const runningMax = 2
const waitingMax = 64
const retryAfterSeconds = 5

/** The encoded hash contains its cost, so that the cost can rise later. `address` is where the request comes from. */
export const hashPassword = async (password: string, address: string): Promise<string> => {
  const salt = randomBytes(lengths.salt)
  return encode({ ...cost, salt, hash: await derive(password, { ...cost, salt }, lengths.hash, address) })
}

/** Does the same work when there is no hash to compare with. */
export const isPasswordOf = async (password: string, encoded: string | null, address: string): Promise<boolean> => {
  const { hash, ...made } = decode(encoded ?? dummyHash)
  const isSame = timingSafeEqual(await derive(password, made, hash.length, address), hash)
  const isRight = isSame && encoded !== null
  if (isRight) turns.delete(address)
  return isRight
}

type Made = { readonly log2N: number; readonly r: number; readonly p: number; readonly salt: Buffer }
type Encoded = Made & { readonly hash: Buffer }

const encode = ({ log2N, r, p, salt, hash }: Encoded): string =>
  `$scrypt$ln=${log2N},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`

const decode = (encoded: string): Encoded => {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(encoded)
  if (!match) throw new Error('A stored password hash is malformed.')
  const [log2N, r, p] = match.slice(1, 4).map(Number) as [number, number, number]
  const [salt, hash] = match.slice(4).map((text) => Buffer.from(text, 'base64url')) as [Buffer, Buffer]
  return { log2N, r, p, salt, hash }
}

const dummyHash = encode({ ...cost, salt: randomBytes(lengths.salt), hash: randomBytes(lengths.hash) })

const derive = (password: string, { log2N, r, p, salt }: Made, length: number, address: string): Promise<Buffer> => {
  const N = 2 ** log2N
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r }
  return inTurn(
    address,
    () =>
      new Promise((resolve, reject) => {
        // Some keyboards write é as one character, others as two.
        scrypt(password.normalize('NFKC'), salt, length, options, (error, key) =>
          error ? reject(error) : resolve(key),
        )
      }),
  )
}

type Waiting = { readonly address: string; readonly start: () => void; readonly refuse: () => void }

let running = 0
const waiting: Waiting[] = []
/** Hashes per address, since the queue was last empty or a password from the address was right. */
const turns = new Map<string, number>()

/** The address with the fewest turns is next. Among equals it is the newest, so guessers mostly delay each other. */
const inTurn = async <Result>(address: string, work: () => Promise<Result>): Promise<Result> => {
  if (running >= runningMax) await turnOf(address)
  else running++
  turns.set(address, (turns.get(address) ?? 0) + 1)
  try {
    return await work()
  } finally {
    const next = leastServed()
    if (next) next.start()
    else if (--running === 0) turns.clear()
  }
}

const turnOf = (address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const refuse = () => reject(tooManyRequests('Too many people are signing in.', retryAfterSeconds))
    waiting.push({ address, start: resolve, refuse })
    if (waiting.length > waitingMax) greediest().refuse()
  })

const leastServed = (): Waiting | undefined => {
  const [first] = waiting.toReversed().toSorted((a, b) => (turns.get(a.address) ?? 0) - (turns.get(b.address) ?? 0))
  if (first) waiting.splice(waiting.indexOf(first), 1)
  return first
}

/** Removes the newest request of the address with the most turns, counting those that still wait. */
const greediest = (): Waiting => {
  const wanted = new Map(turns)
  for (const { address } of waiting) wanted.set(address, (wanted.get(address) ?? 0) + 1)
  const [last] = waiting.toReversed().toSorted((a, b) => (wanted.get(b.address) ?? 0) - (wanted.get(a.address) ?? 0))
  return waiting.splice(waiting.indexOf(last as Waiting), 1)[0] as Waiting
}
