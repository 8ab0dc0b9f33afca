import { traceWeb } from '@cruddur/trace-web/vite'
import { defineConfig } from 'vite'

export default defineConfig({ plugins: [traceWeb()] })
