import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTextField, nameOfTarget } from './interaction-name.ts'

type Attributes = Record<string, string>

/** The parts of an element that make up its name. */
const element = (localName: string, attributes: Attributes = {}, textContent = '', parent?: Fake): Fake => {
  const self: Fake = {
    localName,
    id: attributes.id ?? '',
    textContent,
    getAttribute: (name) => attributes[name] ?? null,
    closest: (selector: string) =>
      matches(selector, localName, attributes) ? self : (parent?.closest(selector) ?? null),
  }
  return self
}
type Fake = Parameters<typeof nameOfTarget>[0]

const matches = (selector: string, localName: string, attributes: Attributes): boolean =>
  selector.split(', ').some((one) => {
    const [, name = '', attribute, value] = /^(\w*)(?:\[([\w-]+)(?:=(\w+))?\])?$/.exec(one) ?? []
    if (name && name !== localName) return false
    return !attribute || (value ? attributes[attribute] === value : attribute in attributes)
  })

test('data-trace names the action, on the target or around it', () => {
  const button = element('button', { 'data-trace': 'like', 'aria-label': 'Like it' }, '17')
  assert.equal(nameOfTarget(button), 'like')
  assert.equal(nameOfTarget(element('path', {}, '', element('svg', {}, '', button))), 'like')
})

test('on a form data-trace names the submit, not a click into a field', () => {
  const form = element('form', { 'data-trace': 'post' })
  const button = element('button', {}, 'Crud it', form)
  assert.equal(nameOfTarget(form, 'submit'), 'post')
  assert.equal(nameOfTarget(button, 'click'), 'button Crud it')
  assert.equal(nameOfTarget(element('textarea', { id: 'text' }, '', form), 'input'), 'post')
})

test('without data-trace the role and the label of the control name it', () => {
  assert.equal(nameOfTarget(element('span', {}, 'Load more', element('button', {}, 'Load more'))), 'button Load more')
  assert.equal(nameOfTarget(element('div', { role: 'tab', 'aria-label': 'Replies' })), 'tab Replies')
})

test('numbers, handles and mail addresses on a button are left out', () => {
  assert.equal(nameOfTarget(element('button', {}, 'Follow @worf worf@enterprise.test 17')), 'button Follow')
})

test("the text of a link or of a crud may be a user's and is not used", () => {
  assert.equal(nameOfTarget(element('a', { href: '/crud/1' }, 'My secret')), 'link')
  assert.equal(nameOfTarget(element('p', {}, 'My secret')), 'p')
})

test('a field is named by its name, never by its value', () => {
  assert.equal(nameOfTarget(element('input', { name: 'q', value: 'My secret' })), 'text q')
  assert.equal(nameOfTarget(element('textarea', { id: 'message' }, 'My secret')), 'textarea message')
  assert.equal(nameOfTarget(element('form', { name: 'composer' }, 'My secret')), 'form composer')
})

test('fields to type into are text fields, fields to choose from are not', () => {
  for (const type of ['text', 'search', 'email', 'password', 'number'])
    assert.ok(isTextField(element('input', { type })), type)
  assert.ok(isTextField(element('textarea')))
  for (const type of ['checkbox', 'radio', 'range', 'file']) assert.ok(!isTextField(element('input', { type })), type)
  assert.ok(!isTextField(element('select')))
})
