import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Attack, Target } from './attack.ts'

const addresses = 10
const streamsOfAddress = 60
const newcomers = 20

const ask = ({ frontend }: Target, localAddress: string, path: string, options: object = {}) =>
  new Promise<{ status: number; cookie: string; leave: () => void }>((resolve) => {
    const asked = request({ ...frontend, localAddress, path, agent: false, ...options }, (response) => {
      response.on('data', () => {}).on('error', () => {})
      const cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
      resolve({ status: response.statusCode ?? 0, cookie, leave: () => asked.destroy() })
    })
    asked.once('error', () => resolve({ status: 0, cookie: '', leave: () => {} }))
    asked.end()
  })

const counts = (statuses: number[]): string =>
  Object.entries(Object.groupBy(statuses, String))
    .map(([status, of]) => `${of?.length} × ${status}`)
    .join(', ')

/** A few addresses take every live stream there is. Then others come, signed in and not. */
export const attack: Attack = {
  name: 'live streams',
  run: async (target) => {
    const open = (address: string, headers = {}) => ask(target, address, '/api/events', { headers })
    const taken = []
    for (let n = 0; n < addresses * streamsOfAddress; n++) {
      taken.push(await open(`127.2.0.${(n % addresses) + 1}`))
    }
    await delay(500)
    const anonymous = []
    for (let n = 0; n < newcomers; n++) anonymous.push(await open(`127.2.1.${n + 1}`))
    const signedIn = []
    for (let n = 0; n < newcomers; n++) {
      const address = `127.2.2.${n + 1}`
      const body = JSON.stringify({ handle: 'worf' })
      const headers = { 'content-type': 'application/json', 'content-length': body.length }
      const { cookie } = await new Promise<{ cookie: string }>((resolve, reject) => {
        const options = {
          ...target.frontend,
          localAddress: address,
          path: '/api/session/demo',
          method: 'POST',
          headers,
        }
        const asked = request(options, (response) => {
          response.resume()
          resolve({ cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '' })
        })
        asked.once('error', reject)
        asked.end(body)
      })
      signedIn.push(await open(address, { cookie }))
    }
    await delay(2_000)
    for (const { leave } of [...taken, ...anonymous, ...signedIn]) leave()
    const statuses = (streams: { status: number }[]) => counts(streams.map(({ status }) => status))
    return {
      'the greedy': statuses(taken),
      'anonymous newcomers': statuses(anonymous),
      'signed-in newcomers': statuses(signedIn),
    }
  },
}
