/** 每个测试文件之前：浏览器里才有的几样东西。 */
import 'fake-indexeddb/auto'
import { webcrypto } from 'node:crypto'

const browser = globalThis as Record<string, unknown>
browser.crypto ??= webcrypto
browser.navigator ??= { userAgent: 'node', onLine: true }
browser.isSecureContext = true
