import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NewActivities } from './new-activities.ts'

test('counts an activity once for each list', () => {
  const news = new NewActivities(() => 0)
  news.note('everyone', 'a')
  news.note('everyone', 'a')
  news.note('everyone', 'b')
  news.note('following', 'a')
  assert.deepEqual([news.count('everyone'), news.count('following'), news.count('@worf')], [2, 1, 0])
})

test('forgets an activity in all lists', () => {
  const news = new NewActivities(() => 0)
  news.note('everyone', 'a')
  news.note('following', 'a')
  news.forget('a')
  assert.deepEqual([news.count('everyone'), news.count('following')], [0, 0])
})

test('clearing a list keeps activities that came after the request', () => {
  let time = 10
  const news = new NewActivities(() => time)
  news.note('everyone', 'a')
  time = 30
  news.note('everyone', 'b')
  news.clear('everyone', 20)
  assert.equal(news.count('everyone'), 1)
})

test('tells its listeners only of changes', () => {
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
