/** A customer gets a whole IPv6 network, so a /56 counts as one address. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1] as string
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] as string).split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const groups = [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  const [a, b, c, d] = groups.map((group) => Number.parseInt(group, 16))
  return [a, b, c, (d ?? 0) >> 8].map((group) => (group ?? 0).toString(16)).join(':')
}
