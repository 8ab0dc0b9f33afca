import { BlockList, isIP, isIPv6 } from 'node:net'

export type ForwardedFor = (remote: string | undefined, header: string | string[] | undefined) => string

/** Express uses the same names in the backend, which reads the same variable. */
const namedNetworks: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** Reads `loopback,10.0.0.5,fd00::/8`; null when any entry is not a network. */
export const networksOf = (list: string): BlockList | null => {
  const networks = new BlockList()
  for (const name of list.split(/[\s,]+/).filter((name) => name !== '')) {
    for (const network of (Object.hasOwn(namedNetworks, name) && namedNetworks[name]) || [name]) {
      const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(network) ?? []
      const longest = isIPv6(address) ? 128 : 32
      // /0 would trust every client to name its own address.
      if (!isIP(address) || Number(bits ?? longest) > longest || Number(bits ?? longest) === 0) return null
      networks.addSubnet(address, Number(bits ?? longest), familyOf(address))
    }
  }
  return networks
}

/** The `X-Forwarded-For` for the backend: the remote address, after the header if a trusted proxy sent one. */
export const forwardedForOf =
  (trustedProxies: BlockList): ForwardedFor =>
  (remote = '', header) =>
    header !== undefined && remote !== '' && trustedProxies.check(remote, familyOf(remote))
      ? `${header}, ${remote}`
      : remote

/** The last address that is not a trusted proxy: clients can forge everything to its left. */
export const clientOf =
  (trustedProxies: BlockList) =>
  (forwardedFor: string): string => {
    const addresses = forwardedFor.split(',').map((address) => address.trim())
    const isProxy = (address: string) => isIP(address) !== 0 && trustedProxies.check(address, familyOf(address))
    return addresses.findLast((address) => !isProxy(address)) ?? (addresses[0] as string)
  }

export const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')
