// packages/trace-web/README.md
import { startPage } from '@cruddur/trace-web/react'

startPage({ service: 'shop-web' })
