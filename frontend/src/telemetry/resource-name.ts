const kinds: Record<string, string> = {
  js: 'script',
  css: 'style',
  woff2: 'font',
  svg: 'image',
  png: 'image',
  html: 'document',
}

/** Of a file of our own: its name without the hash that the build gives to what it puts into `assets/`. */
export const fileOf = (url: string, origin: string): string | null => {
  const { origin: from, pathname } = new URL(url)
  const file = pathname.slice(pathname.lastIndexOf('/') + 1)
  if (from !== origin || !/^[\w.-]+\.[a-z0-9]+$/i.test(file)) return null
  return pathname.startsWith('/assets/') ? file.replace(/-[\w-]{8}(?=\.[a-z0-9]+$)/i, '') : file
}

/** As many names as there are files in the build. */
export const resourceName = (file: string | null, initiatorType: string): string => {
  if (!file) return `resource ${initiatorType}`
  return `${kinds[file.slice(file.lastIndexOf('.') + 1)] ?? initiatorType} ${file}`
}
