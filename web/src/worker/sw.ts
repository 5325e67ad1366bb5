/**
 * 后台脚本：没有网络也能打开应用。只管 /app/ 之下的页面和构建好的文件；接口、上传从不经过缓存。
 *
 * 名单与版本由构建写入。新版装好就等着，听到 take-over 才上岗，上岗后只留自己的一份缓存。
 */
declare const __PRECACHE__: string[]
declare const __BUILD__: string

const worker = self as unknown as ServiceWorkerGlobalScope
const CACHE = `zhijian-shell-${__BUILD__}`
const SHELL = '/app/'
const KEPT = __PRECACHE__

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT.map((path) => new Request(path, { cache: 'reload' })))))
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(dropOthers().then(() => worker.clients.claim()))
})

worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const address = new URL(event.request.url)
  if (event.request.method !== 'GET' || address.origin !== location.origin || !address.pathname.startsWith(SHELL)) return
  if (event.request.mode === 'navigate') event.respondWith(kept(SHELL, event.request))
  else if (KEPT.includes(address.pathname)) event.respondWith(kept(address.pathname, event.request))
})

async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(path)) ?? fetch(request)
}

async function dropOthers(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('zhijian-shell-') && name !== CACHE) await caches.delete(name)
  }
}
