const unknownClient = 'Unknown browser'

// The order matters: the header of a browser can also name the browsers below it.
const browsers = [
  [/\bEdgA?(?:iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Headless)?(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*\bSafari\//, 'Safari'],
] as const

const systems = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac(?:intosh| OS X)\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const

/** A name by which people recognise their sessions. No part of the header itself is kept. */
export const clientOf = (userAgent = ''): string => {
  const header = userAgent.slice(0, 500)
  const nameIn = (list: typeof browsers | typeof systems) => list.find(([pattern]) => pattern.test(header))?.[1]
  const browser = nameIn(browsers)
  const system = nameIn(systems)
  if (!browser) return unknownClient
  return system ? `${browser} on ${system}` : browser
}
