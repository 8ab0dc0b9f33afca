import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod/mini'
import { createActivity } from './activities.ts'
import { sendMessage } from './messages.ts'
import { signUp } from './session.ts'
import { givenHandle, updateProfile } from './users.ts'

const post = (message: string) => z.safeParse(createActivity.input, { message, ttl: '1-day' })
const rename = (display_name: string) => z.safeParse(updateProfile.input, { display_name, bio: '' })
const send = (message: string) => z.safeParse(sendMessage.input, { message, handle: 'worf' })
const join = (handle: string) =>
  z.safeParse(signUp.input, { handle, display_name: 'Quark', email: 'q@ds9.example', password: 'latinum latinum' })
const whyNot = ({ error }: { error?: z.core.$ZodError }) => error?.issues[0]?.message

const code = (character: string) => `U+${character.codePointAt(0)?.toString(16)}`

test('a text with direction-changing characters is refused', () => {
  for (const character of '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069') {
    for (const say of [post, rename, send]) {
      assert.match(whyNot(say(`pay ${character}me`)) ?? 'nothing', /direction/, code(character))
    }
  }
  assert.ok(post('שלום عليكم \u200fabc\u200e').success, 'languages from right to left are welcome')
})

test('a text without visible characters is blank', () => {
  const invisible = [
    '\u200b',
    '\u200d\u200c',
    '\u3164',
    '\u115f\u1160',
    '\u2800',
    '\u00ad',
    '\u2060 \ufeff',
    '\ufe0f',
    '\u034f',
  ]
  for (const text of [...invisible, '\u{e0041}', ' \n\t ', '\u2028']) {
    assert.equal(whyNot(post(text)), 'message_blank', code(text))
    assert.equal(whyNot(rename(text)), 'display_name_blank', code(text))
  }
})

test('characters that join letters or emoji stay, and other invisible ones are removed', () => {
  const family = '👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ نامه‌ای'
  assert.equal(post(family).data?.message, family)
  assert.equal(rename('Wo\u200brf\u2060\ufeff').data?.display_name, 'Worf')
})

test('a control character is refused', () => {
  for (const character of ['\0', '\u0007', '\u001b', '\u007f', '\u0090']) {
    assert.match(whyNot(post(`a${character}b`)) ?? 'nothing', /is not allowed/, code(character))
  }
})

test('the number of lines is limited, and a name has one', () => {
  assert.equal(post('a\n\n\n\n\nb\r\nc\u2028d').data?.message, 'a\n\nb\nc\nd')
  assert.ok(post(Array(30).fill('x').join('\n')).success)
  assert.match(whyNot(post(Array(31).fill('x').join('\n'))) ?? 'nothing', /30 lines/)
  assert.equal(rename('Worf\nSon of\t Mogh').data?.display_name, 'Worf Son of Mogh')
})

test('official handles and paths of the page are reserved in every spelling', () => {
  for (const handle of [
    'admin',
    '@Admin',
    'a_d_m_i_n',
    '4dm1n',
    'support',
    'supp0rt_',
    'api',
    'root',
    'cruddur',
    'cruddur_team',
    'signin',
    'account',
  ]) {
    assert.match(whyNot(join(handle)) ?? 'nothing', /reserved/, handle)
  }
  for (const handle of ['quark', 'adminton', 'rooty', 'helper', 'crew_6']) assert.ok(join(handle).success, handle)
})

test('an existing account keeps its handle when that becomes reserved', () => {
  assert.ok(z.safeParse(givenHandle('blank_user_handle'), 'admin').success)
})
