import { startTracing } from '@cruddur/trace-node'

startTracing({ service: 'shop-api' })
