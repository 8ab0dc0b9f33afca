import { readFileSync, writeFileSync } from 'node:fs'

/** Replaces the tables between the two marks of a document. */
export const writeResults = (page: URL, results: string): void => {
  const text = readFileSync(page, 'utf8')
  const [before] = text.split('<!-- results -->')
  const [, after] = text.split('<!-- end of results -->')
  writeFileSync(page, `${before}<!-- results -->\n\n${results}\n<!-- end of results -->${after}`)
}
