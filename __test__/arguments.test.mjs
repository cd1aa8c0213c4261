// Bad input: a rejection that names the argument, and no request.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { encryptionHeaders, encryptionParams, StatesealError, uploadState } from 'stateseal'
import { KEY_ARN, rejection, startMock } from './support/mock.mjs'

const place = { Bucket: 'b', Key: 'k' }
const throwing = (name) =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      throw new Error('from the getter')
    },
  })

function transferred() {
  const bytes = new Uint8Array(32)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

test('every bad argument rejects with its name, before any request', async (t) => {
  const mock = await startMock(t)
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const endless = {}
  endless.self = endless
  // [setting, params, config, further check of the message]
  const cases = [
    ['params', undefined],
    ['params', null],
    ['params', 'b/k'],
    ['params', []],
    ['params', 7],
    ['Bucket', { Key: 'k' }, {}, /No value provided for input HTTP label: Bucket/],
    ['Bucket', { ...place, Bucket: null }],
    ['Bucket', { ...place, Bucket: '' }, {}, /empty/],
    ['Bucket', { ...place, Bucket: 7 }, {}, /number/],
    ['Bucket', { ...place, Bucket: 'a/b' }, {}, /'\/'/],
    ['Bucket', { ...place, Bucket: 'arn:aws:s3::111122223333:accesspoint/x.mrap' }, {}, /4A/],
    ['Bucket', merged({ Key: 'k' }, throwing('Bucket'))],
    ['Key', { Bucket: 'b' }],
    ['Key', { ...place, Key: '' }, {}, /empty/],
    ['Key', { ...place, Key: {} }],
    ['Key', { ...place, Key: 'x'.repeat(1025) }, {}, /1025/],
    ['config', place, null],
    ['config', place, 'us-east-1'],
    ['config', place, []],
    ['region', place, { region: 7 }],
    ['region', place, { region: 'a b' }],
    ['region', place, throwing('region')],
    ['endpoint', place, { endpoint: 'nowhere' }],
    ['endpoint', place, { endpoint: 7 }],
    ['maxAttempts', place, { maxAttempts: -1 }],
    ['forcePathStyle', place, { forcePathStyle: 'yes' }],
    ['stage', place, { stage: 7 }],
    ['stage', place, { stage: '' }],
    ['encryptoin', place, { encryptoin: 'AES256' }, /did you mean "encryption"/],
    ['credentials', place, { credentials: 'AKIA' }],
    ['credentials', place, { credentials: null ?? 7 }],
    ['credentials.secretAccessKey', place, { credentials: { accessKeyId: 'A' } }],
    ['Body', { ...place, Body: 7 }],
    ['Body', { ...place, Body: true }],
    ['Body', { ...place, Body: Symbol('x') }],
    ['Body', { ...place, Body: () => 1 }],
    ['Body', { ...place, Body: { a: 1 } }, {}, /State/],
    ['Body', { ...place, Body: [1] }],
    ['Body', merged(place, throwing('Body'))],
    ['State', { ...place, Body: 'x', State: {} }, {}, /together with Body/],
    ['State', { ...place, State: () => 1 }],
    ['State', { ...place, State: 7n }, {}, /BigInt/],
    ['State', { ...place, State: endless }, {}, /circular/],
    ['State', merged(place, throwing('State'))],
    ['Body.path', { ...place, Body: { path: path.join(folder, 'missing') } }, {}, /ENOENT/],
    ['Body.path', { ...place, Body: { path: folder } }, {}, /EISDIR/],
    ['Body.path', { ...place, Body: { path: '' } }],
    ['Body.path', { ...place, Body: { path: 7 } }],
    ['Body.path', { ...place, Body: { path: new URL('https://x') } }],
    ['Body.path', { ...place, Body: throwing('path') }],
    ['ContentLength', { ...place, Body: 'abc', ContentLength: 2 }, {}, /3/],
    ['ContentLength', { ...place, Body: 'abc', ContentLength: '3' }],
    ['Expires', { ...place, Expires: 'soon' }],
    ['ObjectLockRetainUntilDate', { ...place, ObjectLockRetainUntilDate: new Date(Number.NaN) }],
    ['Metadata', { ...place, Metadata: 'x' }],
    ['Metadata.a', { ...place, Metadata: { a: 'ü' } }],
    ['ServerSideEncryption in the input', { ...place, ServerSideEncryption: 'AES-256' }],
    ['serverSideEncryption', { ...place, serverSideEncryption: 'AES256' }, {}, /ServerSideEncryption/],
    ['encryption', place, { encryption: 'AES128' }],
    ['encryption', place, { encryption: 7 }],
    ['encryption', place, { encryption: ['AES256'] }],
    ['encryption', place, { encryption: '' }],
    ['encryption.sseKMSKey', place, { encryption: { sseKMSKey: 'x' } }, /did you mean/],
    ['encryption.sseKMSKeyId', place, { encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: 'x y' } }],
    ['encryption.sseKMSKeyId', place, { encryption: throwing('sseKMSKeyId') }],
    ['encryption.sseKMSKeyId', place, { encryption: { sseKMSKeyId: KEY_ARN } }, /missing serverSideEncryption/],
    [
      'encryption.sseKMSKeyId',
      place,
      { encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN.replace('us-east-1', 'eu-west-1') } },
      /Region/,
    ],
    ['stage', place, { encryption: { stages: { dev: 'AES256' } }, stage: 'prod' }, /dev/],
    ['encryption.sseCustomerKey', place, { encryption: { sseCustomerKey: Buffer.alloc(32) } }, /http/],
    ['SSECustomerKey in the input', { ...place, SSECustomerKey: Buffer.alloc(32) }, {}, /http/],
    ['stage', place, { encryption: { stages: { dev: 'AES256' }, default: undefined }, stage: 'prod' }, /dev/],
    ['stage', place, { encryption: { stages: { dev: 'AES256', prod: undefined } }, stage: 'prod' }, /dev/],
    ['stage', place, { encryption: { stages: { dev: 'AES256' } }, stage: 'constructor' }, /dev/],
    ['encryption.stages.dev.stages', place, { encryption: { stages: { dev: { stages: {} } } }, stage: 'dev' }, /nest/],
    // Silently another encryption than was meant, if they were ignored.
    ['encryption', { ...place, encryption: 'aws:kms' }, {}, /second argument/],
    ['stage', { ...place, stage: 'prod' }, {}, /second argument/],
    ['kmsKeyId', { ...place, kmsKeyId: KEY_ARN }, {}, /SSEKMSKeyId/],
    ['ServerSideEncyption', { ...place, ServerSideEncyption: 'aws:kms' }, {}, /ServerSideEncryption/],
    ['ServerSideEncryption', place, { ServerSideEncryption: 'aws:kms' }, /into encryption/],
    ['sseKMSKeyId', place, { sseKMSKeyId: KEY_ARN }, /into encryption/],
    ['encryption', place, { encryption: Promise.resolve('aws:kms') }, /Promise/],
    ['encryption', place, { encryption: new Map([['sse', 'aws:kms']]) }, /Map/],
    ['encryption', place, { encryption: Object.create({ sse: 'aws:kms' }) }, /of its own/],
    ['encryption.stages', place, { encryption: { stages: new Map() }, stage: 'dev' }, /Map/],
    [
      'encryption.encryptionContext.app',
      place,
      { encryption: { sse: 'aws:kms', encryptionContext: { app: '\ud800' } } },
      /surrogate/,
    ],
    ['Key', { ...place, Key: '\ud800' }, {}, /surrogate/],
    ['Body', { ...place, Body: transferred() }, {}, /transferred/],
    ['SSECustomerKey', { ...place, SSECustomerKey: transferred() }, {}, /transferred/],
    ['State', { ...place, State: undefined }, {}, /undefined/],
  ]
  for (const [setting, params, config, message] of cases) {
    const given = config && typeof config === 'object' && !Array.isArray(config) ? merged(mock.config, config) : config
    const error = await rejection(() => uploadState(params, config === undefined ? mock.config : given))
    const told = `${setting}: ${error.message}`
    assert.equal(error.setting, setting, told)
    assert.ok(error instanceof StatesealError || error instanceof TypeError, told)
    assert.match(
      error.name,
      /^(MissingRequiredParameter|InvalidParameterType|InvalidParameterValue|InvalidBucketName|EncryptionConflict)$/,
      told,
    )
    assert.equal(error.code, error.message.match(/ENOENT|EISDIR/)?.[0] ?? error.name)
    assert.ok(error.hint, told)
    assert.equal(error.retryable, false)
    if (message) assert.match(error.message, message)
    assert.match(error.stack, /arguments\.test\.mjs/, told)
  }
  assert.equal(mock.requests.length, 0)
})

// Keeps getters, which a spread would call.
function merged(base, own) {
  return Object.create(null, { ...Object.getOwnPropertyDescriptors(base), ...Object.getOwnPropertyDescriptors(own) })
}

test('no argument at all rejects', async () => {
  assert.equal((await rejection(() => uploadState())).setting, 'params')
})

test('what a function of the configuration throws is passed on as it is', async (t) => {
  const mock = await startMock(t)
  const own = new Error('own')
  for (const name of ['region', 'endpoint', 'maxAttempts', 'credentials']) {
    for (const fail of [
      () => Promise.reject(own),
      () => {
        throw own
      },
    ]) {
      assert.equal(await rejection(() => uploadState(place, { ...mock.config, [name]: fail })), own, name)
    }
  }
})

test('unknown input fields, undefined and null are ignored, as in the SDK', async (t) => {
  const mock = await startMock(t)
  await uploadState(
    { ...place, Nothing: 1, ACL: undefined, CacheControl: null },
    { ...mock.config, requestHandler: {} },
  )
  const [{ headers }] = mock.puts()
  assert.equal(headers['x-amz-acl'], undefined)
  assert.equal(headers['cache-control'], undefined)
})

test('what is no plain data is sent the same', async (t) => {
  const mock = await startMock(t)
  const odd = { '\ud800': 1 }
  const until = new Date('2030-01-02T03:04:05Z')
  for (const params of [{}, odd, { Expires: until }, { ...odd, Expires: until.toUTCString() }]) {
    await uploadState({ ...place, ...params, Body: 'state' }, mock.config)
    await uploadState({ ...place, ...params, Body: 'state' }, { ...mock.config, ...odd, onProgress() {} })
  }
  const puts = mock.puts().map(({ headers, path, body }) => ({ expires: headers.expires, path, body }))
  assert.equal(puts.length, 8)
  for (const put of puts.slice(4)) assert.deepEqual(put, { ...puts[0], expires: until.toUTCString() })
  for (const put of puts.slice(0, 4)) assert.deepEqual(put, puts[0])
})

test('class instances and inherited fields count', async (t) => {
  const mock = await startMock(t)
  class Params {
    Bucket = 'b'
    get Key() {
      return 'from-a-getter'
    }
  }
  await uploadState(new Params(), Object.create(mock.config))
  assert.match(mock.puts()[0].path, /^\/b\/from-a-getter/)
})

test('the encryption functions throw', () => {
  for (const [call, setting] of [
    [() => encryptionParams(), 'encryption'],
    [() => encryptionParams(null), 'encryption'],
    [() => encryptionParams('AES256', null), 'options'],
    [() => encryptionParams('AES256', { stage: 7 }), 'stage'],
    [() => encryptionHeaders('AES256', { operation: 'GetBucket' }), 'operation'],
    [() => encryptionHeaders('AES256', { operation: 7 }), 'operation'],
    [() => encryptionHeaders({ a: 1 }), 'encryption.a'],
    [() => encryptionHeaders(throwing('kmsKeyID')), 'encryption.kmsKeyID'],
  ]) {
    assert.throws(call, (error) => {
      assert.equal(error.setting, setting, error.message)
      return true
    })
  }
})
