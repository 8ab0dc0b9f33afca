import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NewActivities } from './new-activities.ts'

test('what is told twice is counted once, and each list counts its own', () => {
  const news = new NewActivities(() => 0)
  news.note('everyone', 'a')
  news.note('everyone', 'a')
  news.note('everyone', 'b')
  news.note('following', 'a')
  assert.deepEqual([news.count('everyone'), news.count('following'), news.count('@worf')], [2, 1, 0])
})

test('what is shown or gone is new nowhere', () => {
  const news = new NewActivities(() => 0)
  news.note('everyone', 'a')
  news.note('following', 'a')
  news.forget('a')
  assert.deepEqual([news.count('everyone'), news.count('following')], [0, 0])
})

test('reading a list anew leaves what came after it was asked for', () => {
  let time = 10
  const news = new NewActivities(() => time)
  news.note('everyone', 'a')
  time = 30
  news.note('everyone', 'b')
  news.clear('everyone', 20)
  assert.equal(news.count('everyone'), 1)
})

test('whoever listens is told only of what changed', () => {
  const news = new NewActivities(() => 0)
  let told = 0
  const stop = news.listen(() => {
    told += 1
  })
  news.note('everyone', 'a')
  news.note('everyone', 'a')
  news.forget('b')
  news.clear('following', 1)
  assert.equal(told, 1)
  stop()
  news.forget('a')
  assert.equal(told, 1)
})
