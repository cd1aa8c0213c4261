// Large and streamed bodies on the real server, in each mode of encryption, read back with the AWS SDK.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { GetObjectCommand, ListMultipartUploadsCommand, ListPartsCommand, S3Client } from '@aws-sdk/client-s3'
import { StateUploader, uploadState } from 'stateseal'
import { startLocal } from './support/local.mjs'
import { rejection } from './support/mock.mjs'

const { startWiretap } = createRequire(import.meta.url)('../testing/wiretap.js')

const MIB = 1024 * 1024
const BYTES = randomBytes(64 * MIB)
const CUSTOMER_KEY = randomBytes(32)
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
let s3
let sdk
let folder
let file

before(async () => {
  s3 = await startLocal({ kms: true, bucket: 'large' })
  sdk = new S3Client(s3.clientConfig)
  folder = mkdtempSync(path.join(tmpdir(), 'stateseal-multipart-'))
  file = path.join(folder, 'state.bin')
  writeFileSync(file, BYTES.subarray(0, 20 * MIB))
})
after(async () => {
  sdk?.destroy()
  await s3?.stop()
  if (folder) rmSync(folder, { recursive: true })
})

const MODES = {
  AES256: 'AES256',
  KMS: () => ({ serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }),
  'KMS with context and bucket key': () => ({
    serverSideEncryption: 'aws:kms',
    sseKMSKeyId: s3.kms.keyArn,
    encryptionContext: { stage: 'dev' },
    bucketKeyEnabled: true,
  }),
  'SSE-C': { sseCustomerKey: CUSTOMER_KEY },
}
const settingOf = (mode) => (typeof MODES[mode] === 'function' ? MODES[mode]() : MODES[mode])

const put = (Key, Body, mode = 'AES256', more = {}, params = {}) =>
  uploadState(
    { Bucket: 'large', Key, Body, ...params },
    { ...s3.clientConfig, encryption: settingOf(mode), allowInsecureLoopback: true, ...more },
  )

async function readBack(Key, mode = 'AES256') {
  const customer = mode === 'SSE-C' && {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: CUSTOMER_KEY.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(CUSTOMER_KEY).digest('base64'),
  }
  const object = await sdk.send(new GetObjectCommand({ Bucket: 'large', Key, ...customer }))
  return { object, bytes: Buffer.from(await object.Body.transformToByteArray()) }
}

/** Chunks of odd sizes, as a network gives them. */
function* chunks(bytes) {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = ((size * 7919) % 100_000) + 1) {
    yield bytes.subarray(at, at + size)
  }
}

async function pending() {
  const { Uploads = [] } = await sdk.send(new ListMultipartUploadsCommand({ Bucket: 'large' }))
  return Uploads
}

for (const mode of Object.keys(MODES)) {
  test(`${mode}: bytes and streams of each size`, async () => {
    const sizes = [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 11 * MIB]
    for (const size of sizes) {
      const bytes = BYTES.subarray(0, size)
      for (const [kind, Body] of [
        ['bytes', bytes],
        ['stream', Readable.from(chunks(bytes), { objectMode: false })],
      ]) {
        const Key = `${mode}/${size}/${kind}`
        const result = await put(Key, Body, mode)
        const { object, bytes: stored } = await readBack(Key, mode)
        assert.equal(sha256(stored), sha256(bytes), Key)
        assert.equal(object.ETag, result.ETag, Key)
        assert.equal(object.ServerSideEncryption, mode === 'SSE-C' ? undefined : mode.replace(/^KMS.*/, 'aws:kms'))
        if (mode.startsWith('KMS')) assert.equal(object.SSEKMSKeyId, s3.kms.keyArn, Key)
        assert.equal(result.encryption.compared.algorithm, 'equal', Key)
        assert.equal(result.encryption.compared.key, mode === 'AES256' ? 'not-asked' : 'equal', Key)
        assert.equal(/-\d+"$/.test(result.ETag), size > 5 * MIB, `${Key}: ${result.ETag}`)
        assert.equal(decodeURIComponent(result.Location).endsWith(`/large/${Key}`), true, result.Location)
      }
    }
  })
}

test('64 MiB in 13 parts, from bytes and from a web stream', async () => {
  for (const [kind, Body] of [
    ['bytes', BYTES],
    ['web', new Blob([BYTES]).stream()],
  ]) {
    const { ETag } = await put(`64/${kind}`, Body, 'KMS')
    assert.match(ETag, /-13"$/)
    assert.equal(sha256((await readBack(`64/${kind}`)).bytes), sha256(BYTES))
  }
})

test('a file, and a part of it', async () => {
  const whole = BYTES.subarray(0, 20 * MIB)
  for (const [name, Body, expected] of [
    ['path', { path: file }, whole],
    ['stream', createReadStream(file), whole],
    ['from', createReadStream(file, { start: 7 * MIB + 3 }), whole.subarray(7 * MIB + 3)],
    ['to', createReadStream(file, { end: 6 * MIB }), whole.subarray(0, 6 * MIB + 1)],
    ['between', createReadStream(file, { start: 1, end: 12 * MIB }), whole.subarray(1, 12 * MIB + 1)],
    ['one byte', createReadStream(file, { start: 5, end: 5 }), whole.subarray(5, 6)],
    ['nothing', createReadStream(file, { start: 20 * MIB }), whole.subarray(0, 0)],
    // As lib-storage has it: the stream's text is what is stored.
    ['as text', createReadStream(file, { end: 9, encoding: 'hex' }), Buffer.from(whole.toString('hex', 0, 10))],
  ]) {
    await put(`file/${name}`, Body)
    const { bytes } = await readBack(`file/${name}`)
    assert.ok(bytes.equals(expected), `${name}: ${bytes.length} bytes`)
  }
})

test('progress never falls, is in the shape of lib-storage, and ends at the total', async () => {
  for (const [Body, known] of [
    [BYTES.subarray(0, 23 * MIB), true],
    [{ path: file }, true],
    [Readable.from(chunks(BYTES.subarray(0, 12 * MIB))), false],
    [BYTES.subarray(0, 1000), true],
  ]) {
    const told = []
    await put('progress', Body, 'AES256', { onProgress: (progress) => told.push(progress) })
    assert.ok(told.length > 0)
    for (const [index, { loaded, total, part, Bucket, Key }] of told.entries()) {
      assert.ok(loaded > (told[index - 1]?.loaded ?? 0))
      if (known) assert.ok(loaded <= total)
      assert.ok(Number.isInteger(part) && part >= 1)
      assert.deepEqual([Bucket, Key], ['large', 'progress'])
    }
    assert.equal(told.at(-1).loaded, told.at(-1).total)
  }
})

test('abort in the middle: AbortError, and no multipart upload is left', async () => {
  const uploader = new StateUploader({ ...s3.clientConfig, encryption: 'AES256' })
  for (const when of ['before', 'in the middle', 'while the stream says nothing']) {
    const controller = new AbortController()
    const reason = new Error('enough')
    const stream = new PassThrough()
    for (const chunk of chunks(BYTES.subarray(0, 12 * MIB))) stream.write(chunk)
    if (when === 'before') controller.abort(reason)
    const params = { Bucket: 'large', Key: `abort/${when}`, Body: stream }
    const done = rejection(() =>
      uploader.upload(params, {
        abortSignal: controller.signal,
        onProgress: () => when === 'in the middle' && controller.abort(reason),
      }),
    )
    if (when === 'while the stream says nothing') {
      while ((await pending()).length === 0) await sleep(20)
      controller.abort(reason)
    }
    const error = await done
    assert.equal(error.name, 'AbortError')
    assert.equal(error.cause, reason)
    assert.equal(error.outcome, 'not-stored')
    assert.ok(stream.destroyed, when)
    assert.deepEqual(await pending(), [], when)
    await assert.rejects(readBack(`abort/${when}`), { name: 'NoSuchKey' })
  }
  uploader.destroy()
})

test('a stream that fails in the middle: its own error object, and no multipart upload is left', async () => {
  const own = new Error('disk on fire')
  const fail = (more) => {
    let loaded = 0
    async function* failing() {
      yield BYTES.subarray(0, 12 * MIB)
      while (loaded === 0) await sleep(10)
      throw own
    }
    const onProgress = (progress) => {
      loaded = progress.loaded
    }
    return rejection(() => put('failing', Readable.from(failing()), 'AES256', { onProgress, ...more }))
  }
  assert.equal(await fail(), own)
  assert.deepEqual(await pending(), [])
  assert.equal(await fail({ leavePartsOnError: true }), own)
  const [left] = await pending()
  assert.equal(left.Key, 'failing')
  const place = { Bucket: 'large', Key: 'failing', UploadId: left.UploadId }
  const { Parts } = await sdk.send(new ListPartsCommand(place))
  assert.ok(Parts.length >= 1 && Parts.every(({ Size }) => Size === 5 * MIB))
})

test('back-pressure: a stream is not read ahead of what is sent', async (t) => {
  // It knows when S3 has answered a part; progress is told too seldom for that.
  const wiretap = await startWiretap(s3.endpoint)
  t.after(() => wiretap.stop())
  const answered = () => wiretap.requests.filter(({ path, status }) => path.includes('partNumber=') && status === 200)
  const total = 60 * MIB
  let given = 0
  let furthest = 0
  const stream = new Readable({
    highWaterMark: MIB,
    read() {
      const chunk = BYTES.subarray(given, given + MIB)
      given += chunk.length
      furthest = Math.max(furthest, given - answered().length * 5 * MIB)
      this.push(chunk)
      if (given >= total) this.push(null)
    },
  })
  await put('pressure', stream, 'AES256', { endpoint: wiretap.endpoint, queueSize: 2 })
  assert.equal(answered().length, total / (5 * MIB))
  // Two parts under way and one that fills, and a chunk or two at each station.
  assert.ok(furthest <= total / 2, `${furthest / MIB} MiB ahead`)
})

test('memory is bounded by (queueSize + 1) parts', () => {
  const script = `
    const { Readable } = require('node:stream')
    const { uploadState } = require('stateseal')
    const MIB = ${MIB}
    const config = JSON.parse(process.env.CONFIG)
    const chunk = Buffer.alloc(MIB, 'x')
    const many = (count) => Readable.from((function* () { for (let i = 0; i < count; i++) yield chunk })())
    let most = 0
    const look = setInterval(() => { most = Math.max(most, process.memoryUsage().rss) }, 5)
    const put = (Body) => uploadState({ Bucket: 'large', Key: 'memory', Body }, config)
    ;(async () => {
      await put(many(6))
      const bytes = process.env.KIND === 'bytes' && Buffer.alloc(100 * MIB, 'x')
      const base = process.memoryUsage().rss
      most = base
      const bodies = { stream: () => many(100), file: () => ({ path: process.env.FILE }), bytes: () => bytes }
      await put(bodies[process.env.KIND]())
      clearInterval(look)
      console.log((most - base) / MIB)
    })()`
  const config = { ...s3.clientConfig, encryption: 'AES256', queueSize: 2 }
  const big = path.join(folder, 'big.bin')
  writeFileSync(big, Buffer.alloc(100 * MIB, 'x'))
  for (const KIND of ['stream', 'file', 'bytes']) {
    const env = { ...process.env, CONFIG: JSON.stringify(config), KIND, FILE: big }
    const cwd = fileURLToPath(new URL('..', import.meta.url))
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd, env, encoding: 'utf8' })
    assert.match(stdout, /^-?[\d.]+\n$/, stderr)
    // Three parts of 5 MiB, and as much again for the heap's own ways; without bounds it were 100.
    assert.ok(Number(stdout) < 45, `${KIND}: ${stdout} MiB`)
  }
})
