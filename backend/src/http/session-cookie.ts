import type { Request, Response } from 'express'

export type SessionCookie = {
  readonly read: (req: Request) => string | undefined
  readonly set: (res: Response, token: string, lifetimeSeconds: number) => void
  readonly clear: (res: Response) => void
}

/** With the `__Host-` prefix, a browser accepts the cookie only over HTTPS and only from this host. */
export const sessionCookie = ({ https }: { https: boolean }): SessionCookie => {
  const name = https ? '__Host-cruddur_session' : 'cruddur_session'
  const options = { httpOnly: true, sameSite: 'lax', secure: https, path: '/' } as const
  return {
    read: (req) => cookieOf(req.headers.cookie, name),
    set: (res, token, lifetimeSeconds) => void res.cookie(name, token, { ...options, maxAge: lifetimeSeconds * 1000 }),
    clear: (res) => void res.clearCookie(name, options),
  }
}

const cookieOf = (header: string | undefined, name: string): string | undefined =>
  header
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)
