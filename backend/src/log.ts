type Fields = Record<string, string | number | boolean | null | undefined>

const line = (level: 'info' | 'error', message: string, fields: Fields) =>
  `${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`

export const log = {
  info: (message: string, fields: Fields = {}) => void process.stdout.write(line('info', message, fields)),
  error: (message: string, fields: Fields = {}) => void process.stderr.write(line('error', message, fields)),
}
