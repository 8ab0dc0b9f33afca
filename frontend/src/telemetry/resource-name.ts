const kinds: Record<string, string> = {
  js: 'script',
  css: 'style',
  woff2: 'font',
  svg: 'image',
  png: 'image',
  html: 'document',
}

/** The name of one of the page's own files, without the hash that the build adds to files in `assets/`. */
export const fileOf = (url: string, origin: string): string | null => {
  const { origin: from, pathname } = new URL(url)
  const file = pathname.slice(pathname.lastIndexOf('/') + 1)
  if (from !== origin || !/^[\w.-]+\.[a-z0-9]+$/i.test(file)) return null
  return pathname.startsWith('/assets/') ? file.replace(/-[\w-]{8}(?=\.[a-z0-9]+$)/i, '') : file
}

/** At most one name for each file of the build. */
export const resourceName = (file: string | null, initiatorType: string): string => {
  if (!file) return `resource ${initiatorType}`
  return `${kinds[file.slice(file.lastIndexOf('.') + 1)] ?? initiatorType} ${file}`
}
