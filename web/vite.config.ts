import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const { version } = JSON.parse(readFileSync(here('./package.json'), 'utf-8')) as { version: string }

export default defineConfig({
  define: { __VERSION__: JSON.stringify(version) },
  base: '/app/',
  plugins: [vue()],
  resolve: { alias: { '@': here('./src') } },
  build: { target: ['chrome87', 'safari15'], outDir: 'dist', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': 'http://127.0.0.1:8300' } },
})
