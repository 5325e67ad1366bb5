// 用 tus-js-client 上传标准输入里点名的文件，结果写到标准输出。
//
// In: {endpoint, headers, delays, abreast, files: [{path, metadata, options}]}. Out: [{path, url, requests, error}].

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Upload } from 'tus-js-client'

const { endpoint, headers, delays, abreast, files } = JSON.parse(await text(process.stdin))

async function send({ path, metadata, options }) {
  const data = await readFile(path)
  let requests = 0
  return new Promise((resolve) => {
    const upload = new Upload(data, {
      endpoint,
      headers,
      metadata,
      retryDelays: delays,
      ...options,
      onBeforeRequest: () => void (requests += 1),
      onSuccess: () => resolve({ path, url: upload.url, requests, error: null }),
      onError: (error) => resolve({ path, url: upload.url, requests, error: String(error) }),
    })
    upload.start()
  })
}

const waiting = [...files]
const told = []
async function work() {
  for (let file = waiting.shift(); file; file = waiting.shift()) told.push(await send(file))
}
await Promise.all(Array.from({ length: abreast }, work))
process.stdout.write(JSON.stringify(told))
