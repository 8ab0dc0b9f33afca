import { type Allowance, Budget } from '@cruddur/trace-node/express'
import { networkOf } from '@cruddur/wire/network'
import type { Request } from 'express'
import { tooManyRequests } from '../errors.ts'
import { refuseTrace } from '../telemetry/index.ts'

export type RateLimits = {
  /** Requests from one address. */
  readonly requests: Allowance
  /** Test faults from one address: sampling keeps every fault, and Rollbar gets every one. */
  readonly faults: Allowance
  /** Changes by one user. */
  readonly writes: Allowance
  /** Attempts to sign in from one address. */
  readonly signIns: Allowance
  /** Passwords tried for one account from one address. A limit per account would let a stranger lock its owner out. */
  readonly guesses: Allowance
  /** New accounts from one address. */
  readonly signUps: Allowance
  /** Account exports by one user. A full export has 20 MB and blocks the process for half a second. */
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

export type Limiter = ReturnType<typeof limiterOf>

/** Each method throws when its limit is used up. */
export const limiterOf = (limits: RateLimits) => {
  const limited = (each: Allowance, sentence: string) => {
    const budget = new Budget({ each })
    return (key: string) => {
      const seconds = budget.spend(key)
      if (seconds > 0) throw tooManyRequests(sentence, seconds)
    }
  }
  const byAddress = (spend: (key: string) => void) => (req: Request) => spend(networkOf(req.ip ?? ''))
  const spendRequest = limited(limits.requests, 'Too many requests from your address.')
  const guess = limited(limits.guesses, 'Too many attempts to sign in to this account.')
  return {
    request: byAddress((address) => {
      try {
        spendRequest(address)
      } catch (refusal) {
        refuseTrace(address)
        throw refusal
      }
    }),
    fault: byAddress(limited(limits.faults, 'Too many test faults from your address.')),
    write: limited(limits.writes, 'Too many changes.'),
    signIn: byAddress(limited(limits.signIns, 'Too many attempts to sign in from your address.')),
    /** Counts the handle as given, whether or not an account has it, so that a refusal reveals nothing. */
    guess: (req: Request, handle: string) => guess(`${networkOf(req.ip ?? '')} ${handle}`),
    signUp: byAddress(limited(limits.signUps, 'Too many new accounts from your address.')),
    export: limited(limits.exports, 'Too many downloads of your account.'),
  }
}
