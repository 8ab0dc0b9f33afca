const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export const hex = (bytes: ArrayBuffer | Uint8Array): string => {
  let text = ''
  for (const byte of new Uint8Array(bytes)) text += pairs[byte]
  return text
}

export const randomHex = (bytes: number): string => hex(crypto.getRandomValues(new Uint8Array(bytes)))
