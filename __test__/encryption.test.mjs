// Settings, spellings, stages and conflicts, through every door that takes them.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import {
  encryptionHeaders,
  encryptionParams,
  explainUpload,
  resolveEncryption,
  StateUploader,
  signState,
  uploadState,
} from 'stateseal'
import { environment } from './support/environment.mjs'
import { KEY_ARN, KEY_ID, rejection, startMock } from './support/mock.mjs'

const { binding } = createRequire(import.meta.url)('../facade/addon.js')
const SETTINGS = binding().encryptionSettings()
const KEY = Buffer.alloc(32, 'k')
const MD5 = createHash('md5').update(KEY).digest('base64')
const CONTEXT = { app: 'api', stage: 'dev' }
const X = 'x-amz-server-side-encryption'

const MODES = [
  ['AES256', { ServerSideEncryption: 'AES256' }, { [X]: 'AES256' }],
  ['aws:kms', { ServerSideEncryption: 'aws:kms' }, { [X]: 'aws:kms' }],
  ['bucket-default', {}, {}],
  [
    {
      serverSideEncryption: 'aws:kms',
      sseKMSKeyId: KEY_ARN,
      sseKMSEncryptionContext: CONTEXT,
      bucketKeyEnabled: true,
    },
    {
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: KEY_ARN,
      SSEKMSEncryptionContext: Buffer.from(JSON.stringify(CONTEXT)).toString('base64'),
      BucketKeyEnabled: true,
    },
    {
      [X]: 'aws:kms',
      [`${X}-aws-kms-key-id`]: KEY_ARN,
      [`${X}-context`]: Buffer.from(JSON.stringify(CONTEXT)).toString('base64'),
      [`${X}-bucket-key-enabled`]: 'true',
    },
  ],
  [
    { serverSideEncryption: 'aws:kms:dsse', kmsKeyID: 'alias/state' },
    { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: 'alias/state' },
    { [X]: 'aws:kms:dsse', [`${X}-aws-kms-key-id`]: 'alias/state' },
  ],
  [
    { sseCustomerKey: KEY },
    { SSECustomerAlgorithm: 'AES256', SSECustomerKey: KEY.toString('base64'), SSECustomerKeyMD5: MD5 },
    {
      [`${X}-customer-algorithm`]: 'AES256',
      [`${X}-customer-key`]: KEY.toString('base64'),
      [`${X}-customer-key-md5`]: MD5,
    },
  ],
]
const CREATES = ['PutObject', 'CreateMultipartUpload', 'CopyObject']
const OTHERS = ['UploadPart', 'CompleteMultipartUpload', 'GetObject', 'HeadObject']

test('params and headers of every mode and operation', () => {
  for (const [setting, params, headers] of MODES) {
    assert.deepEqual(encryptionParams(setting), params)
    assert.deepEqual(encryptionHeaders(setting), headers)
    for (const operation of CREATES) assert.deepEqual(encryptionHeaders(setting, { operation }), headers, operation)
    for (const operation of OTHERS) {
      const sent = setting.sseCustomerKey ? headers : {}
      assert.deepEqual(encryptionHeaders(setting, { operation }), sent, operation)
    }
  }
})

test('uploadState sends just these headers', async (t) => {
  const mock = await startMock(t)
  for (const [encryption, params, headers] of MODES) {
    const places = [[{}, encryption]]
    // The SDK has no field for 'bucket-default'.
    if (encryption !== 'bucket-default') places.push([params, undefined])
    for (const [fields, setting] of places) {
      await uploadState(
        { Bucket: 'b', Key: 'k', ...fields },
        { ...mock.config, encryption: setting, allowInsecureLoopback: true },
      )
      const sent = Object.entries(mock.puts().at(-1).headers).filter(([name]) => name.startsWith(X))
      assert.deepEqual(Object.fromEntries(sent), headers)
      const signed = mock
        .puts()
        .at(-1)
        .headers.authorization.match(/SignedHeaders=([^,]*)/)[1]
        .split(';')
      for (const name of Object.keys(headers)) assert.ok(signed.includes(name), `${name} is signed`)
    }
  }
})

test('every spelling of the one list is understood, typed, and means its setting', () => {
  const values = {
    serverSideEncryption: 'aws:kms',
    sseKMSKeyId: KEY_ID,
    sseKMSEncryptionContext: CONTEXT,
    bucketKeyEnabled: true,
    sseCustomerAlgorithm: 'AES256',
    sseCustomerKey: KEY.toString('base64'),
    sseCustomerKeyMD5: MD5,
  }
  const types = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')
  for (const { name, input, aliases } of SETTINGS) {
    for (const spelling of [name, input, ...aliases.map((alias) => alias.spelling)]) {
      const customer = name.startsWith('sseCustomer')
      const rest = customer ? { sseCustomerKey: values.sseCustomerKey } : { serverSideEncryption: 'aws:kms' }
      delete rest[name]
      const params = encryptionParams({ ...rest, [spelling]: values[name] })
      assert.ok(input in params, spelling)
      assert.match(types, new RegExp(`^  '?${spelling}'?\\?:`, 'm'), `${spelling} is in index.d.ts`)
    }
  }
})

test('an SSE-C key may be bytes, base64 or raw text, and its MD5 must be its own', () => {
  const expected = encryptionParams({ sseCustomerKey: KEY })
  const raw = KEY.toString()
  for (const sseCustomerKey of [
    new Uint8Array(KEY),
    KEY.toString('base64'),
    raw,
    new Uint16Array(new Uint8Array(KEY).buffer),
  ]) {
    assert.deepEqual(encryptionParams({ sseCustomerKey, sseCustomerKeyMD5: MD5 }), expected)
  }
  assert.throws(() => encryptionParams({ sseCustomerKey: KEY, sseCustomerKeyMD5: 'AAAA' }), {
    name: 'EncryptionConflict',
  })
  assert.throws(() => encryptionParams({ sseCustomerKey: 'short' }), /holds 5 bytes/)
})

test('contradictions name both settings and where they came from', async (t) => {
  const mock = await startMock(t)
  for (const [params, encryption, settings] of [
    [
      {},
      { serverSideEncryption: 'AES256', sseKMSKeyId: KEY_ARN },
      ['encryption.sseKMSKeyId', 'encryption.serverSideEncryption'],
    ],
    [{ SSEKMSKeyId: KEY_ARN }, 'AES256', ['SSEKMSKeyId in the input', 'encryption']],
    [{ ServerSideEncryption: 'AES256' }, 'aws:kms', ['ServerSideEncryption in the input', 'encryption']],
    [{}, { kmsKeyID: KEY_ID, sseKMSKeyId: KEY_ARN, sse: 'aws:kms' }, ['encryption.kmsKeyID', 'encryption.sseKMSKeyId']],
    [{}, { sse: 'aws:kms:dsse', bucketKey: true }, ['encryption.bucketKey', 'encryption.sse']],
    [{}, { sse: 'AES256', encryptionContext: CONTEXT }, ['encryption.encryptionContext', 'encryption.sse']],
    [{ SSECustomerKey: KEY }, 'AES256', ['SSECustomerKey in the input', 'encryption']],
    [
      {},
      { sseKMSKeyId: KEY_ARN, sse: 'aws:kms', sseCustomerKey: KEY },
      ['encryption.sseCustomerKey', 'encryption.sse'],
    ],
  ]) {
    const config = { ...mock.config, encryption, allowInsecureLoopback: true }
    const error = await rejection(() => uploadState({ Bucket: 'b', Key: 'k', ...params }, config))
    assert.equal(error.name, 'EncryptionConflict', error.message)
    assert.deepEqual(error.settings, settings)
    for (const setting of settings) assert.ok(error.message.includes(setting), error.message)
  }
  assert.equal(mock.requests.length, 0)
})

test('an SSE-C key is not sent over plain http, whichever setting names the server', async (t) => {
  const mock = await startMock(t)
  const { endpoint, ...config } = { ...mock.config, encryption: { sseCustomerKey: KEY } }
  const bucketEndpoint = true
  for (const [Bucket, more, place] of [
    ['b', { endpoint }, 'endpoint'],
    ['b', { endpoint: endpoint.replace('http', 'HTTP') }, 'endpoint'],
    [endpoint, { bucketEndpoint }, 'Bucket'],
    [endpoint, { bucketEndpoint, endpoint: 'https://127.0.0.1:9' }, 'Bucket'],
  ]) {
    const put = (options) => uploadState({ Bucket, Key: 'k' }, { ...config, ...more, ...options })
    const error = await rejection(() => put({}))
    assert.equal(error.name, 'EncryptionConflict', error.message)
    assert.deepEqual(error.settings, ['encryption.sseCustomerKey', place])
    assert.equal(mock.requests.length, 0)
    await put({ allowInsecureLoopback: true })
    assert.equal(mock.puts().length, 1)
    mock.requests.length = 0
  }
  // By a profile, which is read only when it is needed.
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'config'), `[default]\nendpoint_url = ${endpoint}\n`)
  environment(t)({ AWS_CONFIG_FILE: path.join(folder, 'config') })
  for (const call of [uploadState, explainUpload, signState, resolveEncryption]) {
    const error = await rejection(() => call({ Bucket: 'b', Key: 'k' }, config))
    assert.deepEqual(error.settings, ['encryption.sseCustomerKey', 'endpoint'])
  }
  assert.equal(mock.requests.length, 0)
  // What counts is where the key goes, not which server is set beside it.
  const unused = { bucketEndpoint, endpoint }
  const put = () => uploadState({ Bucket: 'https://127.0.0.1:9/', Key: 'k' }, { ...config, ...unused })
  assert.equal((await rejection(put)).code, 'ECONNREFUSED')
})

test('a stage replaces, and an unknown one without a default is an error', async (t) => {
  const mock = await startMock(t)
  const encryption = {
    stages: { dev: 'AES256', prod: { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN } },
    default: { serverSideEncryption: 'aws:kms', bucketKeyEnabled: true },
  }
  assert.deepEqual(encryptionParams(encryption, { stage: 'dev' }), { ServerSideEncryption: 'AES256' })
  assert.deepEqual(encryptionParams(encryption, { stage: 'prod' }), {
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: KEY_ARN,
  })
  assert.deepEqual(encryptionParams(encryption, { stage: 'qa' }), {
    ServerSideEncryption: 'aws:kms',
    BucketKeyEnabled: true,
  })
  assert.deepEqual(encryptionParams(encryption), encryptionParams(encryption, { stage: 'qa' }))
  assert.throws(() => encryptionParams({ stages: encryption.stages }, { stage: 'qa' }), /dev, prod/)
  assert.throws(() => encryptionParams({ stages: encryption.stages }), /stage/)
  assert.throws(() => encryptionParams({ ...encryption, sse: 'AES256' }, { stage: 'dev' }), /encryption\.stages/)
  assert.throws(
    () => encryptionParams({ stages: { __proto__: null }, default: 'AES257' }, { stage: 'x' }),
    /encryption\.default/,
  )
  assert.throws(() => encryptionParams(encryption, { stag: 'prod' }), { setting: 'options.stag' })
  const result = await uploadState({ Bucket: 'b', Key: 'k' }, { ...mock.config, encryption, stage: 'prod' })
  assert.equal(result.encryption.source, 'stage')
  assert.equal(result.encryption.stage, 'prod')
  assert.equal(mock.puts()[0].headers[`${X}-aws-kms-key-id`], KEY_ARN)
})

test('what is null or undefined for one upload leaves the configuration of its uploader in force', async (t) => {
  const mock = await startMock(t)
  const encryption = { stages: { dev: 'AES256', prod: 'aws:kms' }, default: 'bucket-default' }
  const uploader = new StateUploader({ ...mock.config, encryption, stage: 'prod' })
  for (const options of [{}, { encryption: null, stage: null }, { encryption: undefined, stage: undefined }]) {
    const { encryption } = await uploader.upload({ Bucket: 'b', Key: 'k' }, options)
    assert.equal(encryption.stage, 'prod')
  }
  assert.equal((await uploader.upload({ Bucket: 'b', Key: 'k' }, { stage: 'dev' })).encryption.stage, 'dev')
})
