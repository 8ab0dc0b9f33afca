/** An address without a port is a public one, behind something that ends TLS: the server itself stays on 3000. */
export const frontendAddress = (frontendUrl: URL, host: string | undefined): { host: string; port: number } => ({
  host: host || '127.0.0.1',
  port: frontendUrl.port ? Number(frontendUrl.port) : 3000,
})
