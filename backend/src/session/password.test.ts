import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { test } from 'node:test'
import { AppError } from '../errors.ts'
import { hashPassword, isPasswordOf } from './password.ts'

const address = '203.0.113.1'

test('a password is stored as a salted scrypt hash with its cost', async () => {
  const [first, second] = await Promise.all([
    hashPassword('a good day to die', address),
    hashPassword('a good day to die', address),
  ])
  assert.match(first, /^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/)
  assert.notEqual(first, second, 'each has its own salt')
  assert.equal(await isPasswordOf('a good day to die', first, address), true)
  assert.equal(await isPasswordOf('a good day to diE', first, address), false)
})

test('a hash with another cost still works', async () => {
  const salt = Buffer.alloc(16, 7)
  const hash = scryptSync('a good day to die', salt, 32, { N: 2 ** 10, r: 8, p: 1 })
  const encoded = `$scrypt$ln=10,r=8,p=1$${salt.toString('base64url')}$${hash.toString('base64url')}`
  assert.equal(await isPasswordOf('a good day to die', encoded, address), true)
  assert.equal(await isPasswordOf('something else', encoded, address), false)
})

test('without a stored hash no password is right', async () => {
  assert.equal(await isPasswordOf('', null, address), false)
  assert.equal(await isPasswordOf('anything at all', null, address), false)
})

test('composed and decomposed letters are the same password', async () => {
  const encoded = await hashPassword('caf\u00e9 au lait', address)
  assert.equal(await isPasswordOf('cafe\u0301 au lait', encoded, address), true)
})

test('a password may contain any character', async () => {
  const strange = `\0 \ud800 ${'\u{1f52d}'.repeat(90)}`
  assert.equal(await isPasswordOf(strange, await hashPassword(strange, address), address), true)
})

test('two hashes run, sixty-four wait, and the next request is told when to retry', async () => {
  const cheap = (await hashPassword('a good day to die', address)).replace('ln=15', 'ln=10')
  const results = await Promise.allSettled(
    Array.from({ length: 70 }, () => isPasswordOf('whatever it is', cheap, address)),
  )
  const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as AppError)
  assert.equal(results.length - refused.length, 66)
  for (const error of refused) {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, 'too_many_requests')
    assert.ok((error.retryAfterSeconds ?? 0) > 0)
  }
  assert.equal(await isPasswordOf('whatever it is', cheap, address), false, 'then there is room again')
})

test('guessers with many waiting requests delay only each other', async () => {
  const cheap = (await hashPassword('a good day to die', address)).replace('ln=15', 'ln=10')
  const done: string[] = []
  const guess = async (asker: string) => {
    await isPasswordOf('a guess', cheap, asker)
    done.push(asker)
  }
  const guesses = ['a', 'b', 'c'].flatMap((asker) => Array.from({ length: 30 }, () => guess(asker)))
  const owner = guess('the owner')
  const results = await Promise.allSettled([...guesses, owner])
  assert.equal(results.at(-1)?.status, 'fulfilled')
  assert.ok(done.indexOf('the owner') < 8, `served as number ${done.indexOf('the owner') + 1}`)
})

test('an owner is served before forty addresses that guess all the time', async () => {
  const cheap = (await hashPassword('a good day to die', address)).replace('ln=15', 'ln=10')
  const salt = Buffer.alloc(16, 7)
  const hash = scryptSync('a good day to die', salt, 32, { N: 2 ** 10, r: 8, p: 1 })
  const owners = `$scrypt$ln=10,r=8,p=1$${salt.toString('base64url')}$${hash.toString('base64url')}`
  let served = 0
  const guess = async (asker: string) => {
    for (let n = 0; n < 4; n++) {
      await isPasswordOf('a guess', cheap, asker)
      served++
    }
  }
  const guesses = Array.from({ length: 40 }, (_, n) => guess(`203.0.113.${n + 1}`))
  const before: number[] = []
  for (let n = 0; n < 4; n++) {
    const from = served
    assert.equal(await isPasswordOf('a good day to die', owners, 'the owner'), true)
    before.push(served - from)
  }
  await Promise.all(guesses)
  assert.ok(Math.max(...before) < 6, `guesses served before each: ${before}`)
})
