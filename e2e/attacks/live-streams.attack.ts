import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type Attack, countsOf, postJson, type Target } from './attack.ts'

const addresses = 10
const streamsOfAddress = 60
const newcomers = 20

type Stream = { readonly status: number; readonly leave: () => void }

const openStream = ({ frontend }: Target, localAddress: string, headers = {}): Promise<Stream> =>
  new Promise((resolve) => {
    const sent = request({ ...frontend, localAddress, path: '/api/events', headers, agent: false }, (response) => {
      response.on('data', () => {}).on('error', () => {})
      resolve({ status: response.statusCode ?? 0, leave: () => sent.destroy() })
    })
    sent.once('error', () => resolve({ status: 0, leave: () => {} }))
    sent.end()
  })

/** A few addresses take all live streams. Then newcomers arrive, some signed in and some not. */
export const attack: Attack = {
  name: 'live streams',
  run: async (target) => {
    const taken = []
    for (let n = 0; n < addresses * streamsOfAddress; n++) {
      taken.push(await openStream(target, `127.2.0.${(n % addresses) + 1}`))
    }
    await delay(500)
    const anonymous = []
    for (let n = 0; n < newcomers; n++) anonymous.push(await openStream(target, `127.2.1.${n + 1}`))
    const signedIn = []
    for (let n = 0; n < newcomers; n++) {
      const localAddress = `127.2.2.${n + 1}`
      const options = { ...target.frontend, localAddress, path: '/api/session/demo' }
      const { cookie } = await postJson(options, { handle: 'worf' })
      signedIn.push(await openStream(target, localAddress, { cookie }))
    }
    await delay(2_000)
    for (const { leave } of [...taken, ...anonymous, ...signedIn]) leave()
    const statuses = (streams: readonly Stream[]) => countsOf(streams.map(({ status }) => status))
    return {
      attacker: statuses(taken),
      'anonymous newcomers': statuses(anonymous),
      'signed-in newcomers': statuses(signedIn),
    }
  },
}
