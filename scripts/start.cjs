require('./set-up.cjs').run('start.mjs')
