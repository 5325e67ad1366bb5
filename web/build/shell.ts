/** 构建的最后一步：把要离线的文件名单写进后台脚本，给文本文件配好压缩的一份。 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const BASE = '/app/'
const SQUEEZED = /\.(js|css|html|svg|json|webmanifest)$/
const NOT_KEPT = /\.(gz|map)$|^sw\.js$|^index\.html$|-512\.png$/

function filesIn(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort()
}

export function shell(): Plugin {
  let folder = ''
  return {
    name: 'zhijian-shell',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    closeBundle() {
      const names = filesIn(folder).map((file) => relative(folder, file)).filter((name) => !NOT_KEPT.test(name))
      const build = createHash('sha256')
      for (const name of [...names, 'index.html']) build.update(name).update(readFileSync(join(folder, name)))
      const worker = join(folder, 'sw.js')
      const list = JSON.stringify([BASE, ...names.map((name) => BASE + name)])
      const text = readFileSync(worker, 'utf-8').replaceAll('__PRECACHE__', list)
      writeFileSync(worker, text.replaceAll('__BUILD__', JSON.stringify(build.digest('hex').slice(0, 16))))
      for (const file of filesIn(folder).filter((name) => SQUEEZED.test(name))) {
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }))
      }
    },
  }
}
