/** 只给看样子用的构建：界面照真的，核心换成本目录里的假的；不进发布。 */
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('../..'),
  base: '/app/',
  publicDir: false,
  plugins: [vue()],
  resolve: {
    alias: [
      { find: /^@\/phone$/, replacement: here('./phone.ts') },
      { find: '@', replacement: here('../../src') },
    ],
  },
  build: { target: ['chrome87', 'safari15'], assetsInlineLimit: 0, modulePreload: { polyfill: false }, emptyOutDir: true },
})
