import './probe.ts'
import './stock-start.ts'
import { useInsteadOfTracing } from './stand-in.ts'

useInsteadOfTracing('./stock.ts')
