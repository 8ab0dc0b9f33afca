import { defineConfig } from 'vite'

export default defineConfig({
  // The page is served under a policy that allows no inline script, style or data address.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
})
