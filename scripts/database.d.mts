export type Options = {
  dataDir?: string
  /** A free one, unless given; an adopted database keeps its own. */
  port?: number
  durable?: boolean
  onLog?: (line: string) => void
  onCrash?: (reason: string) => void
}

export type Database = {
  url: string
  version: string
  dataDir: string
  port: number
  adopted: boolean
  stop: () => Promise<void>
  kill: () => void
}

export function startDatabase(options?: Options): Promise<Database>
export function startThrowAwayDatabase(options?: Omit<Options, 'dataDir' | 'durable'>): Promise<Database>
