import * as endpoints from '@cruddur/shared/session'
import type { UserShort } from '@cruddur/shared/users'
import { networkOf } from '@cruddur/wire/network'
import type { Request, Response } from 'express'
import { forbidden, unauthenticated } from '../errors.ts'
import { type Mount, requireUser } from '../http/mount.ts'
import type { Limiter } from '../http/rate-limits.ts'
import type { SessionCookie } from '../http/session-cookie.ts'
import {
  actAs,
  changePassword,
  endOtherSessions,
  endSession,
  eraseAccount,
  listDemoPeople,
  listSessions,
  type Place,
  sessionLifetimeSeconds,
  signIn,
  signOut,
  signUp,
} from './session.service.ts'

type Options = { cookie: SessionCookie; demoPeople: boolean; limiter: Limiter }

export const sessionRoutes = (mount: Mount, { cookie, demoPeople, limiter }: Options): void => {
  const sessionOf = async (user: UserShort | null) => ({ user, people: demoPeople ? await listDemoPeople() : [] })
  const addressOf = (req: Request) => networkOf(req.ip ?? '')
  const placeOf = (req: Request): Place => ({
    address: addressOf(req),
    userAgent: req.headers['user-agent'],
    replaced: cookie.read(req),
  })
  const started = ({ user, token }: { user: UserShort; token: string }, res: Response) => {
    cookie.set(res, token, sessionLifetimeSeconds)
    return sessionOf(user)
  }
  const tokenOf = (req: Request): string => {
    const token = cookie.read(req)
    if (token === undefined) throw unauthenticated()
    return token
  }

  mount(endpoints.readSession, ({ user }) => sessionOf(user))

  mount(endpoints.signUp, async ({ input, req, res }) => {
    limiter.signUp(req)
    return started(await signUp(input, placeOf(req)), res)
  })

  mount(endpoints.signIn, async ({ input, req, res }) => {
    limiter.signIn(req)
    limiter.guess(req, input.handle)
    return started(await signIn(input, placeOf(req)), res)
  })

  mount(endpoints.actAs, async ({ input, req, res }) => {
    if (!demoPeople) throw forbidden('There are no demo people here.')
    limiter.signIn(req)
    return started(await actAs(input.handle, placeOf(req)), res)
  })

  mount(endpoints.signOut, async ({ req, res }) => {
    const token = cookie.read(req)
    if (token !== undefined) await signOut(token)
    cookie.clear(res)
    return sessionOf(null)
  })

  mount(endpoints.listSessions, ({ user, req }) => listSessions(requireUser(user), tokenOf(req)))
  mount(endpoints.endSession, ({ user, input, req }) => endSession(requireUser(user), tokenOf(req), input.uuid))
  mount(endpoints.endOtherSessions, ({ user, req }) => endOtherSessions(requireUser(user), tokenOf(req)))

  mount(endpoints.changePassword, ({ user, input, req }) => {
    const person = requireUser(user)
    limiter.guess(req, person.handle)
    return changePassword(person, tokenOf(req), input, addressOf(req))
  })

  mount(endpoints.eraseAccount, async ({ user, input, req, res }) => {
    const person = requireUser(user)
    limiter.guess(req, person.handle)
    await eraseAccount(person, input.current_password, addressOf(req))
    cookie.clear(res)
    return sessionOf(null)
  })
}
