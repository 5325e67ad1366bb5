import { beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '@/sync/digest'
import { httpWith, Later, NeedsSignIn, Offline } from '@/sync/http'
import { metadata, PIECE, uploadPhoto } from '@/sync/tus'
import type { PhotoRecord } from '@/store/schema'
import { fakePhone } from '../helpers/device'
import { bytesOf, photoOf } from '../helpers/records'
import { FakeServer, problem, type Call, type Fault } from '../helpers/server'

let server: FakeServer
let photo: PhotoRecord
let bytes: ArrayBuffer
const SIZE = PIECE * 3 + 1000

beforeEach(async () => {
  server = await new FakeServer().open()
  fakePhone(server.fetch)
  bytes = bytesOf(SIZE, 7)
  photo = await photoOf('p1', bytes)
})

/** 传一次；续传地址和已收字节记回照片，像存进了数据库一样。 */
async function send(): Promise<void> {
  const http = httpWith(() => 'token')
  await uploadPhoto(http, photo, bytes, {
    keep: (change) => {
      photo = { ...photo, ...change }
      return Promise.resolve()
    },
    still: () => undefined,
  })
}

/** 一再地传，直到成了；返回失败了几次。 */
async function insist(most = 60): Promise<number> {
  for (let n = 0; n < most; n++) {
    try {
      await send()
      return n
    } catch (error) {
      if (!(error instanceof Offline || error instanceof Later)) throw error
    }
  }
  throw new Error('没有传成')
}

function arrivedWhole(): void {
  expect(server.photos.get('p1')).toEqual({ sha256: photo.sha256, size: SIZE, check: photo.unit })
  const sorted = [...server.ranges].sort((a, b) => a[1] - b[1])
  expect(sorted.map(([, from]) => from)).toEqual([0, ...sorted.slice(0, -1).map(([, , to]) => to)])
  expect(sorted.at(-1)?.[2]).toBe(SIZE)
}

function once(fault: (call: Call) => Fault): void {
  let used = false
  server.fault = (call) => {
    const found = used ? null : fault(call)
    if (found) used = true
    return found
  }
}

describe('a photo in pieces', () => {
  it('arrives whole, every piece with its digest, the address kept before the first byte', async () => {
    const seen: (string | null)[] = []
    server.fault = (call) => {
      if (call.method === 'PATCH') seen.push(photo.address)
      return null
    }
    await send()
    arrivedWhole()
    expect(seen.length).toBe(4)
    expect(seen.every((address) => address === '/api/v1/field/uploads/up-1')).toBe(true)
    expect(server.made('PATCH', 'uploads').every((call) => call.body.length <= PIECE)).toBe(true)
    expect(server.made('PATCH', 'uploads')[0].headers.get('Upload-Checksum')).toMatch(/^sha256 [A-Za-z0-9+/]{43}=$/)
    expect(photo.offset).toBe(SIZE)
  })

  it('tells everything beside the bytes', async () => {
    photo = { ...photo, fix: { longitude: 114.4, latitude: 23.1, accuracy_m: 6, datum: 'wgs84', age_s: 2, provider: 'browser' } }
    await send()
    const { meta } = [...server.uploads.values()][0]
    expect(meta).toMatchObject({ photo: 'p1', check: photo.unit, item: 'RMC-01-01', filename: '照片 p1.jpg', filetype: 'image/jpeg', source: 'camera' })
    expect(JSON.parse(meta.fix)).toEqual({ longitude: 114.4, latitude: 23.1, accuracy_m: 6, datum: 'wgs84', age_s: 2 })
  })

  it('leaves out what it does not have: no item, no place, no check', () => {
    const words = metadata({ ...photo, item: null, unit: '' })
    expect(words.split(',').map((pair) => pair.split(' ')[0])).toEqual(['photo', 'filename', 'filetype', 'sha256', 'taken_at', 'source'])
  })

  it('cut at every single call, before or after the server acted, sends no byte twice', async () => {
    const calls = new Map<string, number>()
    server.fault = (call) => {
      const key = `${call.method} ${call.path} ${call.headers.get('Upload-Offset') ?? ''}`
      const times = (calls.get(key) ?? 0) + 1
      calls.set(key, times)
      return times === 1 ? 'cut-before' : times === 2 ? 'cut-after' : null
    }
    expect(await insist()).toBeGreaterThan(5)
    arrivedWhole()
    expect(server.uploads.size).toBe(1)
  })

  it('a lost answer to the creation makes no second upload', async () => {
    once((call) => (call.method === 'POST' ? 'cut-after' : null))
    await insist()
    expect(server.uploads.size).toBe(1)
    arrivedWhole()
  })

  it('the last answer lost: asks whether the photo has arrived, and sends nothing more', async () => {
    once((call) => (call.method === 'PATCH' && call.headers.get('Upload-Offset') === String(PIECE * 3) ? 'cut-after' : null))
    await insist()
    arrivedWhole()
    expect(server.made('GET', 'photos/p1').length).toBe(1)
  })

  it('all bytes there but never finished: asks the server to finish with an empty piece', async () => {
    await send()
    server.photos.clear()
    server.calls.length = 0
    await send()
    expect(server.made('PATCH', 'uploads').map((call) => call.body.length)).toEqual([0])
    expect(server.photos.has('p1')).toBe(true)
  })
})

describe('what the server may answer', () => {
  it('409: asks where it stands and goes on from there', async () => {
    once((call) => (call.method === 'PATCH' && call.headers.get('Upload-Offset') === '0' ? problem(409, 'upload-offset-mismatch') : null))
    server.uploads.clear()
    await expect(send()).rejects.toBeInstanceOf(Later)
    await insist()
    arrivedWhole()
  })

  it('409 because another connection was further: resumes at the offset named, not from the start', async () => {
    const http = httpWith(() => 'token')
    await http.send('/api/v1/field/uploads', { method: 'POST', headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': String(SIZE), 'Upload-Metadata': metadata(photo) } })
    const upload = [...server.uploads.values()][0]
    upload.bytes = new Uint8Array(bytes.slice(0, 1000))
    server.ranges.push([upload.id, 0, 1000])
    await send()
    arrivedWhole()
  })

  it.each([404, 410])('%i on the way: forgets the address and makes the upload anew', async (status) => {
    await expect(
      (async () => {
        once((call) => (call.method === 'PATCH' && call.headers.get('Upload-Offset') === String(PIECE) ? 'cut-before' : null))
        await send()
      })(),
    ).rejects.toBeInstanceOf(Offline)
    server.uploads.clear()
    server.ranges.length = 0
    once((call) => (call.method === 'HEAD' ? new Response(null, { status }) : null))
    await send()
    arrivedWhole()
  })

  it.each([404, 410])('%i to a piece: makes the upload anew', async (status) => {
    once((call) => (call.method === 'PATCH' ? new Response(null, { status }) : null))
    await send()
    arrivedWhole()
  })

  it('an address that is forgotten for ever is given up for later, not hammered', async () => {
    server.fault = (call) => (call.method === 'PATCH' ? new Response(null, { status: 404 }) : null)
    await expect(send()).rejects.toBeInstanceOf(Later)
    expect(server.made('POST', 'uploads').length).toBe(3)
  })

  it.each([408, 423, 429, 460, 500, 502, 503])('%i: waits, and the bytes that arrived stay', async (status) => {
    once((call) => (call.headers.get('Upload-Offset') === String(PIECE) ? new Response(null, { status }) : null))
    await expect(send()).rejects.toMatchObject({ name: 'Later', status })
    expect(photo.offset).toBe(PIECE)
    await send()
    arrivedWhole()
  })

  it.each([401, 403])('%i: asks for sign-in and keeps address and offset', async (status) => {
    once((call) => (call.headers.get('Upload-Offset') === String(PIECE) ? problem(status, 'token-expired') : null))
    await expect(send()).rejects.toBeInstanceOf(NeedsSignIn)
    expect(photo).toMatchObject({ address: '/api/v1/field/uploads/up-1', offset: PIECE })
  })

  it.each([400, 413, 415, 422])('%i: refused for good, told with its problem', async (status) => {
    once((call) => (call.method === 'POST' ? problem(status, 'upload-refused') : null))
    await expect(send()).rejects.toMatchObject({ name: 'Rejected', status, problem: { code: 'upload-refused' } })
  })

  it('a success without an offset, or with an impossible one, is not believed', async () => {
    for (const told of [null, 'abc', '-1', String(SIZE * 2)]) {
      const headers: Record<string, string> = told === null ? {} : { 'Upload-Offset': told }
      once((call) => (call.method === 'PATCH' ? new Response(null, { status: 204, headers }) : null))
      await expect(send()).rejects.toBeInstanceOf(Later)
    }
    await insist()
    arrivedWhole()
  })

  it.each(['https://elsewhere.example/api/v1/field/uploads/x', '/api/v1/field/photos/x', '//elsewhere.example/api/v1/field/uploads/x'])(
    'a location at %s gets no byte',
    async (location) => {
      once((call) => (call.method === 'POST' ? new Response(null, { status: 201, headers: { Location: location } }) : null))
      await expect(send()).rejects.toBeInstanceOf(Later)
      expect(server.made('PATCH', '').length).toBe(0)
      expect(photo.address).toBeNull()
    },
  )

  it('a page of a hotel network under status 200 is not the server', async () => {
    await send()
    server.calls.length = 0
    server.fault = (call) => (call.path.includes('/photos/') ? new Response('<html>请登录上网</html>') : null)
    await expect(send()).rejects.toBeInstanceOf(Offline)
  })

  it('stops between two pieces when told to', async () => {
    let asked = 0
    const http = httpWith(() => 'token')
    const stop = () => {
      if (++asked === 2) throw new NeedsSignIn('out')
    }
    await expect(uploadPhoto(http, photo, bytes, { keep: () => Promise.resolve(), still: stop })).rejects.toBeInstanceOf(NeedsSignIn)
    expect(server.made('PATCH', 'uploads').length).toBe(1)
  })

  it('never changes the bytes it was given', async () => {
    await send()
    expect(await sha256Hex(bytes)).toBe(photo.sha256)
  })
})
