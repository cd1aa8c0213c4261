// One record for each upload, whatever becomes of it, and nothing secret in it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { StateUploader, uploadState } from 'stateseal'
import { startLocal } from './support/local.mjs'
import { KEY_ARN, rejection, startMock, xmlError } from './support/mock.mjs'

const place = { Bucket: 'b', Key: 'k' }
let s3
let folder
before(async () => {
  s3 = await startLocal({ bucket: 'state', versioning: true })
  folder = mkdtempSync(path.join(tmpdir(), 'stateseal-audit-'))
})
after(async () => {
  rmSync(folder, { recursive: true })
  await s3.stop()
})

/** Uploads, and resolves to the one record of it. */
async function recordOf(params, config) {
  const records = []
  const error = await uploadState(params, { ...config, audit: (record) => void records.push(record) }).then(
    () => undefined,
    (error) => error,
  )
  assert.equal(records.length, 1)
  return { record: records[0], error }
}

test('a record of what was asked, answered and proved, and of its event in CloudTrail', async (t) => {
  const records = []
  const result = await uploadState(
    { Bucket: 'state', Key: 'a/b.json', State: { a: 1 } },
    { ...s3.clientConfig, encryption: 'AES256', audit: async (record) => void records.push(record) },
  )
  const [record] = records
  assert.equal(record.schema, 'stateseal.audit/1')
  assert.equal(record.outcome, 'stored')
  assert.ok(Date.parse(record.timeEnd) >= Date.parse(record.timeStart))
  assert.ok(Math.abs(Date.parse(record.timeEnd) - Date.now()) < 60_000)
  const { bucket, key, region, partition, request, response } = record
  assert.deepEqual(
    { bucket, key, region, partition },
    { bucket: 'state', key: 'a/b.json', region: 'us-east-1', partition: 'aws' },
  )
  assert.equal(request.sse, 'AES256')
  assert.equal(request.source, 'config')
  assert.equal(request.size, 7)
  assert.equal(response.sse, 'AES256')
  assert.equal(response.versionId, result.VersionId)
  assert.equal(response.etag, result.ETag)
  assert.equal(response.requestId, result.$metadata.requestId)
  assert.equal(record.verified.algorithm, 'equal')
  assert.equal(record.cloudTrail.requestID, result.$metadata.requestId)
  assert.equal(record.cloudTrail['responseElements.x-amz-version-id'], result.VersionId)
  assert.equal(record.cloudTrail.eventName, 'PutObject')
  const client = new S3Client(s3.clientConfig)
  t.after(() => client.destroy())
  const stored = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: response.versionId }))
  assert.equal(stored.ETag, response.etag)
})

test('every attempt is in it, with its request id and code', async (t) => {
  let left = 2
  const mock = await startMock(t)
  const { PutObject } = mock.answers
  mock.answers.PutObject = () =>
    left-- > 0 ? { status: 503, body: xmlError('SlowDown') } : { headers: { 'x-amz-server-side-encryption': 'AES256' } }
  const { record } = await recordOf({ ...place, Body: 'x' }, { ...mock.config, encryption: 'AES256', maxAttempts: 3 })
  mock.answers.PutObject = PutObject
  assert.deepEqual(
    record.attempts.map(({ httpStatusCode, code }) => [httpStatusCode, code]),
    [
      [503, 'SlowDown'],
      [503, 'SlowDown'],
      [200, null],
    ],
  )
  assert.equal(new Set(record.attempts.map(({ requestId }) => requestId)).size, 3)
})

test('a multipart upload: its id, its parts, and the request that completed it', async () => {
  const Body = Readable.from([Buffer.alloc(6 * 2 ** 20, 'a'), Buffer.alloc(6 * 2 ** 20, 'b')])
  const { record, error } = await recordOf(
    { Bucket: 'state', Key: 'large', Body },
    { ...s3.clientConfig, encryption: 'AES256' },
  )
  assert.equal(error, undefined)
  assert.equal(record.request.multipart.parts, 3)
  assert.equal(record.request.size, 12 * 2 ** 20)
  assert.ok(record.request.multipart.uploadId)
  assert.equal(record.attempts[0].operation, 'CreateMultipartUpload')
  assert.equal(record.cloudTrail.eventName, 'CompleteMultipartUpload')
})

test('how an upload ended', async (t) => {
  const aes = { encryption: 'AES256' }
  const mock = await startMock(t)
  const outcome = async (answer, config = aes, params = {}) => {
    mock.answers.PutObject = answer
    const { record, error } = await recordOf({ ...place, Body: 'x', ...params }, { ...mock.config, ...config })
    assert.deepEqual(record.error, { name: error.name, message: error.message })
    return record
  }
  const refused = await outcome(() => ({ status: 403, body: xmlError('AccessDenied', 'no') }))
  assert.equal(refused.outcome, 'refused')
  assert.equal(refused.attempts[0].code, 'AccessDenied')
  assert.equal(refused.request.sse, 'AES256')
  assert.equal((await outcome(() => 'reset')).outcome, 'failed')
  const reply = { headers: { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-version-id': 'v1' } }
  const differs = await outcome(() => reply)
  assert.equal(differs.outcome, 'not-applied')
  assert.equal(differs.response.versionId, 'v1')
  const aborted = await outcome(() => new Promise(() => {}), { ...aes, abortSignal: AbortSignal.timeout(200) })
  assert.equal(aborted.outcome, 'unknown')
  const own = new Error('disk on fire')
  const Body = new Readable({
    read() {
      this.destroy(own)
    },
  })
  const records = []
  const config = { ...mock.config, ...aes, audit: (record) => void records.push(record) }
  assert.equal(await rejection(() => uploadState({ ...place, Body }, config)), own)
  assert.deepEqual(
    records.map((record) => record.outcome),
    ['aborted'],
  )
})

test('an upload that never came to the network leaves no record, and a wrong sink is named', async (t) => {
  const mock = await startMock(t)
  const audit = () => assert.fail('no record')
  await rejection(() => uploadState({ Bucket: 'b' }, { ...mock.config, audit }))
  for (const [wrong, setting] of [
    ['file.log', 'audit'],
    [true, 'audit'],
    [[], 'audit'],
    [{}, 'audit.file'],
    [{ file: 7 }, 'audit.file'],
    [{ file: new URL('https://x') }, 'audit.file'],
  ]) {
    const error = await rejection(() => uploadState({ ...place, Body: 'x' }, { ...mock.config, audit: wrong }))
    assert.equal(error.setting, setting)
  }
  assert.equal(mock.requests.length, 0)
})

test('into a file: lines that stay whole, for the owner alone', async () => {
  const file = path.join(folder, 'audit.jsonl')
  const uploader = new StateUploader({ ...s3.clientConfig, encryption: 'AES256', audit: { file: pathToFileURL(file) } })
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
  await Promise.all(keys.map((Key) => uploader.upload({ Bucket: 'state', Key, Body: Key })))
  const records = readFileSync(file, 'utf8').trimEnd().split('\n').map(JSON.parse)
  assert.deepEqual(records.map(({ key }) => key).sort(), keys.sort())
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('a sink that fails is warned of, and the upload stands', () => {
  const script = `
    const { uploadState } = require('stateseal')
    const config = { ...${JSON.stringify(s3.clientConfig)}, encryption: 'AES256' }
    const params = { Bucket: 'state', Key: 'k', Body: 'x' }
    const sinks = [() => { throw new Error('thrown') }, async () => { throw new Error('rejected') }, { file: ${JSON.stringify(folder)} }]
    ;(async () => { for (const audit of sinks) console.log((await uploadState(params, { ...config, audit })).ETag) })()`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd, encoding: 'utf8' })
  assert.equal(stdout.trim().split('\n').length, 3)
  for (const said of ['thrown', 'rejected', 'EISDIR']) assert.match(stderr, new RegExp(`STATESEAL_AUDIT.*${said}`))
})

test('no secret is in it', async (t) => {
  const mock = await startMock(t)
  const secret = 'planted-secret-planted-secret-00'
  const body = 'planted-body'
  const context = { app: 'planted-context' }
  const customer = await recordOf(
    { ...place, Body: body },
    { ...mock.config, encryption: { sseCustomerKey: secret }, allowInsecureLoopback: true },
  )
  const kms = await recordOf(
    { ...place, Body: body, Metadata: { note: 'planted-metadata' } },
    {
      ...mock.config,
      encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN, sseKMSEncryptionContext: context },
    },
  )
  assert.deepEqual(kms.record.request.contextKeys, ['app'])
  assert.match(kms.record.request.contextSha256, /^[\w+/]{43}=$/)
  assert.equal(customer.record.request.customerAlgorithm, 'AES256')
  const md5 = mock.puts()[0].headers['x-amz-server-side-encryption-customer-key-md5']
  assert.ok(md5)
  const text = JSON.stringify([customer.record, kms.record])
  for (const planted of [
    'planted',
    md5,
    Buffer.from(secret).toString('base64'),
    mock.config.credentials.secretAccessKey,
  ]) {
    assert.ok(!text.includes(planted), planted)
  }
})

test('the command writes it too', async () => {
  const file = path.join(folder, 'command.jsonl')
  const state = path.join(folder, 'state.json')
  const { writeFileSync } = await import('node:fs')
  writeFileSync(state, '{}')
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
  }
  const args = [
    'put',
    state,
    's3://state/cli',
    '--endpoint',
    s3.endpoint,
    '--region',
    s3.region,
    '--force-path-style',
    '--sse',
    'AES256',
  ]
  const command = fileURLToPath(new URL('../bin/stateseal.js', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [command, ...args, '--audit-file', file], {
    env,
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).key, 'cli')
})
