import { BlockList, isIP, isIPv6 } from 'node:net'

export type ForwardedFor = (remote: string | undefined, said: string | string[] | undefined) => string

/** As Express names them for the backend, which reads the same variable. */
const named: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** `loopback,10.0.0.5,fd00::/8`; null when anything in it is no network. */
export const networksOf = (list: string): BlockList | null => {
  const networks = new BlockList()
  for (const name of list.split(/[\s,]+/).filter((name) => name !== '')) {
    for (const network of (Object.hasOwn(named, name) && named[name]) || [name]) {
      const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(network) ?? []
      const longest = isIPv6(address) ? 128 : 32
      // Not /0 either: everybody would say where they come from.
      if (!isIP(address) || Number(bits ?? longest) > longest || Number(bits ?? longest) === 0) return null
      networks.addSubnet(address, Number(bits ?? longest), familyOf(address))
    }
  }
  return networks
}

/**
 * Where a request came from, for the backend: who asked this server, and before that, what a trusted proxy says who asked it.
 * From anybody else it is only a claim.
 */
export const forwardedForOf =
  (trustedProxies: BlockList): ForwardedFor =>
  (remote = '', said) =>
    said !== undefined && remote !== '' && trustedProxies.check(remote, familyOf(remote))
      ? `${said}, ${remote}`
      : remote

/** The one that no trusted proxy has: further left there are only claims. */
export const clientOf =
  (trustedProxies: BlockList) =>
  (forwardedFor: string): string => {
    const addresses = forwardedFor.split(',').map((address) => address.trim())
    const isProxy = (address: string) => isIP(address) !== 0 && trustedProxies.check(address, familyOf(address))
    return addresses.findLast((address) => !isProxy(address)) ?? (addresses[0] as string)
  }

export const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')
