import { isTestFile } from './is-test-file.mjs'

// Loaded before a test file: ends it after `?ms=`. The runner's own time limit fails a test, but waits for ever for its process.
if (isTestFile) {
  setTimeout(
    () => {
      process.stderr.write(`It does not end. What it waits for: ${process.getActiveResourcesInfo().join(', ')}\n`)
      process.exit(1)
    },
    Number(new URL(import.meta.url).searchParams.get('ms')),
  ).unref()
}
