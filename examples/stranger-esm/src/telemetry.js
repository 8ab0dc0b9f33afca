import { startPage } from '@cruddur/trace-web/react'
import { rollbar } from '@cruddur/trace-web/rollbar'

startPage({
  service: 'shop-web',
  reports: rollbar({ accessToken: import.meta.env.VITE_ROLLBAR_ACCESS_TOKEN }),
})
