import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { tooManyRequests } from '../errors.ts'

const cost = { log2N: 15, r: 8, p: 3 }
const lengths = { salt: 16, hash: 32 }
/** Each takes 32 MiB and a thread of the few that there are. */
const atOnce = 2
const mostWaiting = 32
const retryAfterSeconds = 5

/** Encoded with what it was made with, so that the cost can be raised without losing anybody. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(lengths.salt)
  return encode({ ...cost, salt, hash: await derive(password, { ...cost, salt }, lengths.hash) })
}

/** Where there is no password to compare with, the work is the same. */
export const isPasswordOf = async (password: string, encoded: string | null): Promise<boolean> => {
  const { hash, ...made } = decode(encoded ?? nobodys)
  const isSame = timingSafeEqual(await derive(password, made, hash.length), hash)
  return isSame && encoded !== null
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

const derive = (password: string, { log2N, r, p, salt }: Made, length: number): Promise<Buffer> => {
  const N = 2 ** log2N
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r }
  return inTurn(
    () =>
      new Promise((resolve, reject) => {
        // One keyboard writes é as one character, another as two.
        scrypt(password.normalize('NFKC'), salt, length, options, (error, key) =>
          error ? reject(error) : resolve(key),
        )
      }),
  )
}

let running = 0
const waiting: (() => void)[] = []

const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  if (running >= atOnce) {
    if (waiting.length >= mostWaiting) throw tooManyRequests('Too many people sign in just now.', retryAfterSeconds)
    // Whoever is done passes the turn on: nobody who comes later overtakes.
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
