export const serviceName = {
  frontend: 'cruddur-frontend',
  /** The page's own server, through which its requests pass. */
  frontendServer: 'cruddur-frontend-server',
  backend: 'cruddur-backend',
} as const
