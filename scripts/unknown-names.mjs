import { parseEnv } from 'node:util'

// Cruddur does not know every name that other programs read. It reports only a near miss of a known name.
const readByOthers = /^(OTEL|AWS|NODE|NPM)_|^(CI|TZ|(NO|FORCE)_COLOR|(HTTPS?|NO)_PROXY)$/i

/** A sentence for each name in `.env` that `.env.example` does not have, with the name that was probably meant. */
export function unknownNames(env, example) {
  const known = Object.keys(parseEnv(example))
  return Object.keys(parseEnv(env))
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const isTheirs = readByOthers.test(name)
      const meant = (!isTheirs && withAllWords(name, known)) || closest(name, known, isTheirs ? 2 : name.length / 3)
      if (isTheirs && !meant) return []
      return `.env sets ${name}, which Cruddur does not read.${meant ? ` Did you mean ${meant}?` : ''}`
    })
}

/** `ROLLBAR_TOKEN` → `ROLLBAR_ACCESS_TOKEN` */
function withAllWords(name, known) {
  const words = name.split('_')
  return words.length > 1 && known.find((other) => words.every((word) => other.split('_').includes(word)))
}

function closest(name, known, mostEdits) {
  const edits = known.map((other) => editsBetween(name, other))
  const fewest = Math.min(...edits)
  return fewest <= mostEdits && known[edits.indexOf(fewest)]
}

/** How many letters to insert, remove or replace to get from one word to the other (Levenshtein). */
function editsBetween(word, other) {
  let row = [...other, ''].map((_, index) => index)
  for (const [i, letter] of [...word].entries()) {
    const next = [i + 1]
    for (const [j, wanted] of [...other].entries())
      next.push(Math.min(row[j] + (letter === wanted ? 0 : 1), row[j + 1] + 1, next[j] + 1))
    row = next
  }
  return row.at(-1)
}
