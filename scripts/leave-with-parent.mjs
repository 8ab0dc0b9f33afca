// Loaded into every process that `npm start` starts. When `npm start` is killed, the channel closes, and the process stops.
if (process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), 5_000).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  process.channel.unref()
}
