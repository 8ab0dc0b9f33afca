// Loaded into every process that `npm start` spawns: when `npm start` is killed, its channel closes, and we leave in order.
if (process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), 5_000).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  process.channel.unref()
}
