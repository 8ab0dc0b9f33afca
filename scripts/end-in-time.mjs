import { isTestFile } from './is-test-file.mjs'

// Loaded before a test file: ends it after `?ms=`.
// The runner's own time limit fails a test, but then waits forever for its process.
if (isTestFile) {
  setTimeout(
    () => {
      process.stderr.write(`The file does not end. It waits for: ${process.getActiveResourcesInfo().join(', ')}\n`)
      process.exit(1)
    },
    Number(new URL(import.meta.url).searchParams.get('ms')),
  ).unref()
}
