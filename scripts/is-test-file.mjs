import { isMainThread } from 'node:worker_threads'

/** Whether this process runs a test file. A process that the test forks inherits the imports, but is not a test file. */
export const isTestFile = isMainThread && /\.test\.[cm]?[jt]sx?$/.test(process.argv[1] ?? '')
