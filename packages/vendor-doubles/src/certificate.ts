import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

type Certificate = { readonly key: string; readonly cert: string }

/** A certificate for 127.0.0.1 that is its own authority. */
const selfSigned = (name: string): Certificate => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(name),
    sequence(utcTime(-day), utcTime(365 * day)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(isAuthority, forLoopback)),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const certificate = sequence(toBeSigned, ecdsaWithSha256, bitString(signature))
  return { key: pemOf(privateKey), cert: pem('CERTIFICATE', certificate) }
}

/** `trusted.cert` is the authority that a sender has to trust. */
export type Tls = { readonly trusted: Certificate; readonly untrusted: Certificate }
export const createTls = (): Tls => ({
  trusted: selfSigned('a vendor double'),
  untrusted: selfSigned('an untrusted vendor double'),
})

const day = 86_400_000

const element = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}
const sequence = (...parts: readonly Uint8Array[]) => element(0x30, ...parts)
const explicit = (number: number, content: Uint8Array) => element(0xa0 + number, content)
const integer = (bytes: Uint8Array) => element(0x02, bytes)
const oid = (...bytes: readonly number[]) => element(0x06, Buffer.from(bytes))
const octets = (content: Uint8Array) => element(0x04, content)
const bitString = (content: Uint8Array) => element(0x03, Buffer.of(0), content)
const utcTime = (fromNowMs: number) => {
  const digits = new Date(Date.now() + fromNowMs).toISOString().replace(/\D/g, '')
  return element(0x17, Buffer.from(`${digits.slice(2, 14)}Z`))
}

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const commonName = oid(0x55, 0x04, 0x03)
const nameOf = (name: string) => sequence(element(0x31, sequence(commonName, element(0x0c, Buffer.from(name)))))
const isAuthority = sequence(
  oid(0x55, 0x1d, 0x13),
  element(0x01, Buffer.of(0xff)),
  octets(sequence(element(0x01, Buffer.of(0xff)))),
)
const forLoopback = sequence(
  oid(0x55, 0x1d, 0x11),
  octets(sequence(element(0x87, Buffer.of(127, 0, 0, 1)), element(0x82, Buffer.from('localhost')))),
)

const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }))
const pem = (label: string, der: Buffer): string =>
  [`-----BEGIN ${label}-----`, ...(der.toString('base64').match(/.{1,64}/g) ?? []), `-----END ${label}-----`, ''].join(
    '\n',
  )
