// Every kind of body arrives as it was when uploadState was called.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { explainUpload, StateUploader, signState, uploadState } from 'stateseal'
import { rejection, startMock, xmlError } from './support/mock.mjs'

const place = { Bucket: 'b', Key: 'k' }
const BYTES = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256)

test('each kind of body is stored byte by byte', async (t) => {
  const mock = await startMock(t)
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'ü state.bin')
  writeFileSync(file, BYTES)
  const shared = new SharedArrayBuffer(64)
  new Uint8Array(shared).set(BYTES)
  const wide = new Uint8Array(80)
  wide.set(BYTES, 8)
  const web = () => new Blob([BYTES]).stream()
  async function* generate() {
    yield BYTES.subarray(0, 30)
    yield Buffer.from(BYTES.subarray(30))
  }
  const bodies = {
    'no body': [undefined, Buffer.alloc(0)],
    null: [null, Buffer.alloc(0)],
    'empty string': ['', Buffer.alloc(0)],
    string: ['grün 🌍 \0', Buffer.from('grün 🌍 \0')],
    'lone surrogate': ['\ud800', Buffer.from('\ufffd')],
    Buffer: [Buffer.from(BYTES), BYTES],
    Uint8Array: [BYTES, BYTES],
    'part of a buffer': [wide.subarray(8, 72), BYTES],
    Uint16Array: [new Uint16Array(BYTES.buffer), BYTES],
    Float64Array: [new Float64Array(BYTES.buffer), BYTES],
    BigInt64Array: [new BigInt64Array(BYTES.buffer), BYTES],
    DataView: [new DataView(wide.buffer, 8, 64), BYTES],
    ArrayBuffer: [BYTES.buffer, BYTES],
    SharedArrayBuffer: [shared, BYTES],
    'view of a SharedArrayBuffer': [new Uint8Array(shared, 1, 3), BYTES.subarray(1, 4)],
    Blob: [new Blob([BYTES]), BYTES],
    File: [new File([BYTES], 'x'), BYTES],
    'Blob of another class': [{ size: 64, stream: web, arrayBuffer: async () => BYTES.buffer }, BYTES],
    path: [{ path: file }, BYTES],
    'file URL': [{ path: pathToFileURL(file) }, BYTES],
    'fs.ReadStream': [createReadStream(file), BYTES],
    'part of a fs.ReadStream': [createReadStream(file, { start: 3, end: 9 }), BYTES.subarray(3, 10)],
    Readable: [Readable.from([BYTES.subarray(0, 10), BYTES.subarray(10)]), BYTES],
    'Readable of strings': [Readable.from(['grün', ' 🌍']), Buffer.from('grün 🌍')],
    'empty Readable': [Readable.from([]), Buffer.alloc(0)],
    'web ReadableStream': [web(), BYTES],
    'async generator': [generate(), BYTES],
  }
  for (const [kind, [Body, stored]] of Object.entries(bodies)) {
    await uploadState({ ...place, Body }, mock.config)
    const { headers, body } = mock.puts().at(-1)
    assert.deepEqual(body, Buffer.from(stored), kind)
    assert.equal(headers['content-length'], String(stored.length), kind)
    assert.equal(headers['content-type'], 'application/octet-stream', kind)
    assert.equal(headers['content-encoding'], undefined, kind)
    if (crc32) {
      const sum = Buffer.alloc(4)
      sum.writeUInt32BE(crc32(Buffer.from(stored)))
      assert.equal(headers['x-amz-checksum-crc32'], sum.toString('base64'), kind)
    }
  }
})

test('State is written as JSON.stringify writes it', async (t) => {
  const mock = await startMock(t)
  class Money {
    toJSON() {
      return { cents: 5 }
    }
  }
  const states = [
    { b: 1, a: [1.5, -0, 1e21, 1e-7, 0.1 + 0.2, 2 ** 53], 10: 'x', 2: 'y' },
    { undefined: undefined, date: new Date(0), nan: Number.NaN, money: new Money(), nested: [undefined, () => 1] },
    'text "quoted" \u2028 \ud800 \b',
    ['🌍', null, true],
    null,
    0,
    false,
    '',
    Object.create({ inherited: 1 }, { own: { value: 1, enumerable: true } }),
    new Map([[1, 2]]),
  ]
  for (const State of states) {
    await uploadState({ ...place, State }, mock.config)
    const { headers, body } = mock.puts().at(-1)
    assert.equal(body.toString(), JSON.stringify(State))
    assert.equal(headers['content-type'], 'application/json')
  }
  await uploadState({ ...place, State: {}, ContentType: 'text/x-state' }, mock.config)
  assert.equal(mock.puts().at(-1).headers['content-type'], 'text/x-state')
})

test('what was given is stored, even if the caller changes it after the call', async (t) => {
  const mock = await startMock(t)
  const slow = { region: async () => 'us-east-1', credentials: async () => mock.config.credentials }
  for (const config of [mock.config, { ...mock.config, ...slow }]) {
    const bytes = Buffer.from('original')
    const state = { is: 'original' }
    const params = { ...place, Body: bytes, Metadata: { m: 'original' } }
    const encryption = { serverSideEncryption: 'AES256' }
    const uploads = [uploadState(params, { ...config, encryption }), uploadState({ ...place, State: state }, config)]
    bytes.fill('x')
    state.is = 'changed'
    params.Metadata.m = 'changed'
    params.Key = 'changed'
    encryption.serverSideEncryption = 'nonsense'
    await Promise.all(uploads)
    const stored = mock.puts().slice(-2)
    assert.deepEqual(stored.map(({ body }) => body.toString()).sort(), ['original', '{"is":"original"}'])
    assert.ok(stored.every(({ path }) => path.startsWith('/b/k')))
    assert.ok(stored.some(({ headers }) => headers['x-amz-meta-m'] === 'original'))
  }
})

test('bytes whose memory goes away are stored as they were, or not at all', async (t) => {
  const mock = await startMock(t)
  const MIB = 1024 * 1024
  const resizable = (size) => new ArrayBuffer(size, { maxByteLength: size * 2 })
  const goings = {
    transferred: [(size) => new ArrayBuffer(size), (buffer) => structuredClone(buffer, { transfer: [buffer] })],
    shrunk: [resizable, (buffer) => buffer.resize(4096)],
    grown: [resizable, (buffer) => buffer.resize(buffer.byteLength + 4096)],
  }
  const watched = { abortSignal: new AbortController().signal }
  const provided = { region: async () => 'us-east-1' }
  for (const [how, [make, go]] of Object.entries(goings)) {
    for (const more of [{}, watched, provided]) {
      // Bytes over 5 MiB are copied only when they are sent, in one put here.
      for (const size of [64 * 1024, 8 * MIB]) {
        const buffer = make(size)
        const Body = new Uint8Array(buffer, 0, size).fill(7)
        const upload = uploadState({ ...place, Body }, { ...mock.config, ...more, partSize: 64 * MIB })
        go(buffer)
        const error = await upload.then(
          () => undefined,
          (error) => error,
        )
        if (size === 64 * 1024 || how === 'grown') {
          assert.equal(error, undefined, how)
          const { body } = mock.puts().pop()
          mock.requests.pop()
          assert.ok(body.length === size && body.every((byte) => byte === 7), how)
        } else {
          assert.equal(error?.setting, 'Body', how)
          assert.match(error.message, /^Body has no bytes any more/)
        }
      }
    }
  }
  assert.equal(mock.puts().length, 0)
})

test('a view that lies outside of its buffer has no bytes', async (t) => {
  const mock = await startMock(t)
  for (const View of [Uint8Array, Uint32Array, DataView]) {
    const buffer = new ArrayBuffer(64, { maxByteLength: 64 })
    const Body = new View(buffer, 32, 4)
    buffer.resize(16)
    const error = await rejection(() => uploadState({ ...place, Body }, mock.config))
    assert.match(error.message, /^Body has no bytes any more/, View.name)
  }
  assert.equal(mock.puts().length, 0)
})

test('a stream that fails rejects with its own error, and nothing is stored', async (t) => {
  const mock = await startMock(t)
  const own = new Error('disk on fire')
  const failing = () =>
    new Readable({
      read() {
        this.push('half')
        this.destroy(own)
      },
    })
  async function* generator() {
    yield 'half'
    throw own
  }
  const web = new ReadableStream({
    pull(controller) {
      controller.error(own)
    },
  })
  for (const Body of [failing(), generator(), web]) {
    assert.equal(await rejection(() => uploadState({ ...place, Body }, mock.config)), own)
  }
  assert.equal(
    (await rejection(() => uploadState({ ...place, Body: createReadStream('/nowhere') }, mock.config))).code,
    'ENOENT',
  )
  assert.equal(mock.puts().length, 0)
})

test('a file stream gives what it was opened for, and its listeners hear of it', async (t) => {
  const mock = await startMock(t)
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [file, other] = ['state', 'other'].map((name) => path.join(folder, name))
  const write = () => {
    writeFileSync(file, 'old'.repeat(1000))
    writeFileSync(other, 'new'.repeat(1000))
  }
  const stored = () => mock.puts().at(-1).body.toString()
  write()
  const replaced = createReadStream(file)
  await once(replaced, 'ready')
  renameSync(other, file)
  await uploadState({ ...place, Body: replaced }, mock.config)
  assert.equal(stored(), 'old'.repeat(1000))
  write()
  const watched = createReadStream(file)
  let seen = 0
  watched.on('data', (chunk) => {
    seen += chunk.length
  })
  watched.pause()
  const end = finished(watched)
  await uploadState({ ...place, Body: watched }, mock.config)
  await end
  assert.equal(seen, 3000)
  const puts = mock.puts().length
  for (const own of [new Error('mine'), undefined]) {
    const destroyed = createReadStream(file)
    const upload = uploadState({ ...place, Body: destroyed }, mock.config)
    destroyed.destroy(own)
    const error = await rejection(() => upload)
    if (own) assert.equal(error, own)
    else assert.ok(error instanceof Error)
  }
  assert.equal(mock.puts().length, puts)
})

test("what a stream's own clean-up does is not the upload's error", async (t) => {
  const refusal = () => ({ status: 403, body: xmlError('AccessDenied') })
  const mock = await startMock(t, { PutObject: refusal, CreateMultipartUpload: refusal })
  const chunk = Buffer.alloc(1024 * 1024)
  const next = async () => ({ value: chunk, done: false })
  const throws = () => {
    throw new Error('from the clean-up')
  }
  const iterable = (more) => ({ [Symbol.asyncIterator]: () => ({ next, ...more }) })
  for (const Body of [
    iterable({ return: () => 'plain' }),
    iterable({ return: throws }),
    iterable({ return: async () => throws() }),
    { ...iterable({}), destroy: throws },
    { getReader: () => ({ read: next, cancel: () => undefined }) },
  ]) {
    const error = await rejection(() => uploadState({ ...place, Body }, { ...mock.config, encryption: 'AES256' }))
    assert.equal(error.name, 'AccessDenied')
  }
})

test('a stream that will not be read is closed, as lib-storage closes it', async (t) => {
  const mock = await startMock(t)
  const own = new Error('vault is sealed')
  const fail = async () => {
    throw own
  }
  const byLibStorage = async (params, config) => {
    const client = new S3Client(config)
    try {
      return await new Upload({ client, params }).done()
    } finally {
      client.destroy()
    }
  }
  const byUploader = (params, config) => new StateUploader(config).upload(params)
  for (const call of [byLibStorage, uploadState, byUploader, explainUpload, signState]) {
    for (const name of ['credentials', 'region']) {
      const Body = Readable.from(['x'.repeat(100)])
      assert.equal(await rejection(() => call({ ...place, Body }, { ...mock.config, [name]: fail })), own)
      assert.ok(Body.destroyed, `${call.name}, ${name}`)
    }
  }
  let cancelled = false
  const web = new ReadableStream({
    cancel() {
      cancelled = true
    },
  })
  await rejection(() => uploadState({ ...place, Body: web }, { ...mock.config, credentials: fail }))
  assert.ok(cancelled)
  const Body = Readable.from(['x'])
  const error = await rejection(() => uploadState({ Bucket: 'b', Body }, mock.config))
  assert.equal(error.setting, 'Key')
  assert.ok(Body.destroyed)
  assert.equal(mock.puts().length, 0)
})

test('a stream that was read already, or is not of bytes, is refused', async (t) => {
  const mock = await startMock(t)
  const read = Readable.from(['x'])
  for await (const _ of read);
  const locked = new Blob(['x']).stream()
  locked.getReader()
  for (const Body of [read, locked, Readable.from([{ an: 'object' }]), Readable.from([1])]) {
    const error = await rejection(() => uploadState({ ...place, Body }, mock.config))
    assert.equal(error.setting, 'Body', error.message)
  }
  assert.equal(mock.puts().length, 0)
})

test('a length that was given must be the length of the stream', async (t) => {
  const mock = await startMock(t)
  const error = await rejection(() =>
    uploadState({ ...place, Body: Readable.from(['four']), ContentLength: 3 }, mock.config),
  )
  assert.equal(error.setting, 'ContentLength')
  await uploadState({ ...place, Body: Readable.from(['four']), ContentLength: 4 }, mock.config)
  assert.equal(mock.puts().length, 1)
})

test('a file that does not tell its size is read to its end', { skip: process.platform === 'win32' }, async (t) => {
  const mock = await startMock(t)
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const expected = `one${'\0'.repeat(200_000)}two`
  for (const body of [() => ({ path: pipe }), () => createReadStream(pipe)]) {
    const writer = spawn('sh', ['-c', 'exec > "$0"; printf one; head -c 200000 /dev/zero; sleep 0.1; printf two', pipe])
    t.after(() => writer.kill())
    await uploadState({ ...place, Body: body() }, mock.config)
    assert.equal(mock.puts().at(-1).body.toString(), expected)
  }
  writeFileSync(path.join(folder, 'empty'), '')
  await uploadState({ ...place, Body: { path: path.join(folder, 'empty') } }, mock.config)
  assert.equal(mock.puts().at(-1).body.length, 0)
})
