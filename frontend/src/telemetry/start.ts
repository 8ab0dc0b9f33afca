import { startPage } from '@cruddur/trace-web/react'
import { page } from './cruddur.ts'

startPage(page)
