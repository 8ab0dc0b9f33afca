import { existsSync, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

/**
 * Calls `onChange(file name)` for each change below `root`. It watches every folder by itself: on Linux, Node's recursive
 * watch no longer sees a file that an editor has replaced.
 */
export function watchFolders(root, onChange) {
  const watched = new Set()
  const watchAll = () => {
    for (const folder of watched) if (!existsSync(folder)) watched.delete(folder)
    const below = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
    for (const folder of [root, ...below]) {
      if (watched.has(folder)) continue
      watched.add(folder)
      const watcher = watch(folder, (_event, file) => {
        watchAll()
        onChange(file)
      })
      watcher.on('error', () => watched.delete(folder)).unref()
    }
  }
  watchAll()
}
