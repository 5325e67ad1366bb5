import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { shell } from './build/shell.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(readFileSync(here('./package.json'), 'utf-8')) as { version: string }

export default defineConfig({
  base: '/app/',
  define: { __VERSION__: JSON.stringify(version), __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  plugins: [vue(), shell()],
  resolve: { alias: { '@': here('./src') } },
  build: {
    target: ['chrome87', 'safari15'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { main: here('./index.html'), sw: here('./src/worker/sw.ts') },
      // The worker keeps its name: its address is what the browser compares for a new release.
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8300' } },
  test: { setupFiles: [here('./tests/helpers/setup.ts')], include: ['tests/**/*.test.ts'], environment: 'node', testTimeout: 20_000 },
})
