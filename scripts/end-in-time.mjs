import { isTestFile } from './is-test-file.mjs'

// Loaded before a test file, with `?ms=` of time for it. The runner's own time limit fails a test, and then waits for ever for a process that does not go.
if (isTestFile) {
  setTimeout(
    () => {
      process.stderr.write(`It does not end. What it waits for: ${process.getActiveResourcesInfo().join(', ')}\n`)
      process.exit(1)
    },
    Number(new URL(import.meta.url).searchParams.get('ms')),
  ).unref()
}
