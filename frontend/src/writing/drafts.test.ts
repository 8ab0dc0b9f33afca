import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Drafts, emptyDraft } from './drafts.ts'
import { SafeStorage } from './safe-storage.ts'
import { someStorage, throwingStorage } from './testing.ts'

const draft = (message: string) => ({ ...emptyDraft, message })
const openDrafts = (kept: Storage = someStorage(), now?: () => number) => {
  const storage = new SafeStorage(() => kept)
  return {
    drafts: new Drafts(now ? { storage, now } : { storage }),
    reload: () => new Drafts({ storage: new SafeStorage(() => kept) }),
  }
}

test('keeps one draft for each person and place, and keeps it after a reload', () => {
  const { drafts, reload } = openDrafts()
  drafts.set('worf', 'crud', { ...draft('Today is'), ttl: '1-hour' })
  drafts.set('worf', 'reply:1', draft('a good day'))
  drafts.set('garek', 'crud', draft('to tailor'))
  const again = reload()
  assert.deepEqual(again.get('worf', 'crud'), { ...draft('Today is'), ttl: '1-hour' })
  assert.equal(again.get('worf', 'reply:1').message, 'a good day')
  assert.equal(again.get('garek', 'crud').message, 'to tailor')
  assert.equal(again.get(null, 'crud').message, '')
})

test('stores no blank draft', () => {
  const kept = someStorage()
  const { drafts } = openDrafts(kept)
  drafts.set('worf', 'crud', draft('Qapla’'))
  drafts.set('worf', 'crud', draft('  '))
  assert.equal(kept.length, 0)
})

test('forgets the key of an earlier try when the text is deleted', () => {
  const { drafts } = openDrafts()
  drafts.set('worf', 'crud', { ...draft('Qapla’'), key: 'k' })
  assert.equal(drafts.get('worf', 'crud').key, 'k')
  drafts.set('worf', 'crud', { ...draft(''), key: 'k' })
  assert.equal(drafts.get('worf', 'crud').key, null)
})

test('keeps the draft on the page if the storage throws', () => {
  const { drafts } = openDrafts(throwingStorage)
  drafts.set('worf', 'crud', draft('Qapla’'))
  assert.equal(drafts.get('worf', 'crud').message, 'Qapla’')
})

test('reads a broken entry as an empty draft', () => {
  const kept = someStorage()
  kept.setItem('cruddur.draft:worf:crud', '{"message":7}')
  assert.equal(openDrafts(kept).drafts.get('worf', 'crud').message, '')
})

test('gives a text back above the current draft', () => {
  const { drafts } = openDrafts()
  drafts.set('worf', 'crud', draft('second'))
  drafts.giveBack('worf', 'crud', { message: 'first', ttl: '1-day', key: 'k' })
  assert.deepEqual(drafts.get('worf', 'crud'), { message: 'first\n\nsecond', ttl: '1-day', key: 'k', refusal: null })
})

test('a user who signs in gets the texts written before, unless the place already has a draft of theirs', () => {
  const { drafts } = openDrafts()
  drafts.set(null, 'crud', draft('mine'))
  drafts.set(null, 'reply:1', draft('not this'))
  drafts.set('worf', 'reply:1', draft('older'))
  drafts.adopt('worf')
  assert.equal(drafts.get('worf', 'crud').message, 'mine')
  assert.equal(drafts.get(null, 'crud').message, '')
  assert.equal(drafts.get('worf', 'reply:1').message, 'older')
})

test('forgets the drafts of a user who signs out, and of no other user', () => {
  const kept = someStorage()
  const { drafts } = openDrafts(kept)
  drafts.set('worf', 'crud', draft('Qapla’'))
  drafts.set('garek', 'crud', draft('to tailor'))
  drafts.forget('worf')
  assert.equal(drafts.get('worf', 'crud').message, '')
  assert.equal(drafts.get('garek', 'crud').message, 'to tailor')
  assert.equal(kept.length, 1)
})

test('forgets drafts after 30 days', () => {
  const kept = someStorage()
  const day = 24 * 3_600_000
  const { drafts } = openDrafts(kept, () => 0)
  drafts.set('worf', 'reply:1', draft('old'))
  const later = openDrafts(kept, () => 31 * day).drafts
  later.set('worf', 'reply:2', draft('new'))
  later.forgetOld()
  assert.equal(kept.length, 1)
})

test('tells its listeners of a change, and gives the same object until then', () => {
  const { drafts } = openDrafts()
  let told = 0
  drafts.listen(() => {
    told += 1
  })
  drafts.set('worf', 'crud', draft('a'))
  assert.equal(told, 1)
  assert.equal(drafts.get('worf', 'crud'), drafts.get('worf', 'crud'))
})
