const fs = require('node:fs')

/** With --help: prints the comment at the head of the script. */
exports.showHelp = (script) => {
  if (!process.argv.includes('--help') || !fs.existsSync(script)) return false
  const [comment] = /^(?:\/\/.*\r?\n)*/.exec(fs.readFileSync(script, 'utf8'))
  process.stdout.write(comment.replace(/^\/\/ ?/gm, ''))
  return comment !== ''
}
