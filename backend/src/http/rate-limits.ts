import { networkOf } from '@cruddur/shared/network'
import type { Request } from 'express'
import { tooManyRequests } from '../errors.ts'
import { refuseTrace } from '../telemetry/index.ts'
import { type Allowance, Budget } from './budget.ts'

export type RateLimits = {
  /** All requests from one address. */
  readonly requests: Allowance
  /** Faults on demand from one address: each is kept, and reported, whatever the sampling. */
  readonly faults: Allowance
  /** Changes that one user makes. */
  readonly writes: Allowance
  /** Sessions begun, or tried to, from one address. */
  readonly signIns: Allowance
  /** Passwords tried on one account from one address: a limit for the account alone would let a stranger lock its owner out. */
  readonly guesses: Allowance
  /** Accounts made from one address. */
  readonly signUps: Allowance
  /** Exports of one user's account: a full one is 20 MB, and takes half a second in which nothing else is done. */
  readonly exports: Allowance
}

const aMinute = (count: number, burst = Math.ceil(count / 2)): Allowance => ({ burst, perSecond: count / 60 })

export const rateLimits = (perMinute: { requests: number; writes: number }): RateLimits => ({
  requests: aMinute(perMinute.requests),
  faults: aMinute(Math.ceil(perMinute.requests / 20)),
  writes: aMinute(perMinute.writes),
  signIns: aMinute(30, 30),
  guesses: aMinute(2, 20),
  signUps: aMinute(1, 20),
  exports: aMinute(1, 3),
})

export type Limiter = {
  readonly request: (req: Request) => void
  readonly fault: (req: Request) => void
  readonly write: (userUuid: string) => void
  readonly signIn: (req: Request) => void
  /** The handle as it was given, whether or not anybody has it: a refusal tells nothing. */
  readonly guess: (req: Request, handle: string) => void
  readonly signUp: (req: Request) => void
  readonly export: (userUuid: string) => void
}

/** Each of these throws when there was too much of it. */
export const limiterOf = (limits: RateLimits): Limiter => {
  const limited = (each: Allowance, sentence: string) => {
    const budget = new Budget({ each })
    return (key: string) => {
      const seconds = budget.spend(key)
      if (seconds > 0) throw tooManyRequests(sentence, seconds)
    }
  }
  const byAddress = (spend: (key: string) => void) => (req: Request) => spend(networkOf(req.ip ?? ''))
  const spendRequest = limited(limits.requests, 'Too many requests come from your address.')
  const guess = limited(
    limits.guesses,
    'There were too many attempts at the password of this account from your address.',
  )
  return {
    request: byAddress((address) => {
      try {
        spendRequest(address)
      } catch (refusal) {
        refuseTrace(address)
        throw refusal
      }
    }),
    fault: byAddress(limited(limits.faults, 'Too many faults were asked for from your address.')),
    write: limited(limits.writes, 'Too many changes.'),
    signIn: byAddress(limited(limits.signIns, 'There were too many attempts to sign in from your address.')),
    guess: (req, handle) => guess(`${networkOf(req.ip ?? '')} ${handle}`),
    signUp: byAddress(limited(limits.signUps, 'Too many accounts were made from your address.')),
    export: limited(limits.exports, 'You have downloaded all of it just now.'),
  }
}
