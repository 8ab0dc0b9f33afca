import type { RequestHandler } from 'express'

const headers = new Map([
  ['Content-Security-Policy', "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
])

/** Answers of the API are data: never rendered, framed or cached. */
export const securityHeaders = ({ https }: { https: boolean }): RequestHandler => {
  const all = https ? new Map([...headers, ['Strict-Transport-Security', 'max-age=31536000']]) : headers
  return (_req, res, next) => {
    res.setHeaders(all)
    next()
  }
}
