import { parseArgs } from 'node:util'

/** The command line of `npm run bench`, for all parts. */
export const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    json: { type: 'string' },
    compare: { type: 'boolean', default: false },
    sets: { type: 'string' },
    // Only for the server and the page.
    arms: { type: 'string' },
    // Only for the server.
    profile: { type: 'string' },
    allocations: { type: 'string' },
    functions: { type: 'boolean', default: false },
    // Only for the feed.
    million: { type: 'boolean', default: false },
    python: { type: 'string' },
  },
})
