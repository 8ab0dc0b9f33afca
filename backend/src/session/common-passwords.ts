import { readFileSync } from 'node:fs'
import { once } from '@cruddur/shared/once'

// The first line names the source of the list.
const list = once(
  () =>
    new Set(
      readFileSync(`${import.meta.dirname}/common-passwords.txt`, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1),
    ),
)

export const isCommonPassword = (password: string): boolean => list().has(password.normalize('NFKC').toLowerCase())
