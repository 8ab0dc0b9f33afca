import { actAs, readSession, signOut } from '@cruddur/shared/session'
import { forbidden } from '../errors.ts'
import type { SessionCookie } from '../http/authenticate.ts'
import type { Mount } from '../http/mount.ts'
import { end, listDemoPeople, sessionLifetimeSeconds, start } from './session.service.ts'

type Options = { cookie: SessionCookie; demoPeople: boolean }

export const sessionRoutes = (mount: Mount, { cookie, demoPeople }: Options): void => {
  const people = async () => (demoPeople ? await listDemoPeople() : [])

  mount(readSession, async ({ user }) => ({ user, people: await people() }))

  mount(actAs, async ({ input, req, res }) => {
    if (!demoPeople) throw forbidden('Nobody can be acted as here.')
    const { user, token } = await start(input.handle, cookie.read(req))
    cookie.set(res, token, sessionLifetimeSeconds)
    return { user, people: await people() }
  })

  mount(signOut, async ({ req, res }) => {
    const token = cookie.read(req)
    if (token !== undefined) await end(token)
    cookie.clear(res)
    return { user: null, people: await people() }
  })
}
