// Without a setting the bucket's default encryption is asked for, explicitly.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { uploadState } from 'stateseal'
import { encryptionXml, KEY_ARN, rejection, startMock, xmlError } from './support/mock.mjs'

const input = () => ({ Bucket: `b-${randomUUID()}`, Key: 'k', State: {} })
const sse = ({ headers }) =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('x-amz-server-side'))
      .map(([name, value]) => [name.replace('x-amz-server-side-encryption', ''), value]),
  )

test('algorithm, key and bucket key are carried over', async (t) => {
  const key = { '-aws-kms-key-id': KEY_ARN }
  for (const [given, sent] of [
    [{ body: encryptionXml() }, { '': 'AES256' }],
    [{ body: encryptionXml({ bucketKey: true }) }, { '': 'AES256' }],
    [{ status: 404, body: xmlError('ServerSideEncryptionConfigurationNotFoundError') }, { '': 'AES256' }],
    [
      { body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN, bucketKey: true }) },
      { '': 'aws:kms', ...key, '-bucket-key-enabled': 'true' },
    ],
    [
      { body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN }) },
      { '': 'aws:kms', ...key, '-bucket-key-enabled': 'false' },
    ],
    [{ body: encryptionXml({ algorithm: 'aws:kms' }) }, { '': 'aws:kms', '-bucket-key-enabled': 'false' }],
    [{ body: encryptionXml({ algorithm: 'aws:kms:dsse', key: KEY_ARN }) }, { '': 'aws:kms:dsse', ...key }],
  ]) {
    const mock = await startMock(t, { GetBucketEncryption: () => given })
    const { encryption } = await uploadState(input(), mock.config)
    assert.deepEqual(sse(mock.puts()[0]), sent)
    assert.equal(encryption.source, 'bucket')
    assert.equal(encryption.compared.algorithm, 'equal')
  }
})

test('a default that no request can ask for is an error that says what to set', async (t) => {
  const mock = await startMock(t, { GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:fsx' }) }) })
  const error = await rejection(() => uploadState(input(), mock.config))
  assert.match(error.message, /aws:fsx.*'bucket-default'/)
  assert.equal(mock.puts().length, 0)
})

test('one question for each bucket, shared by concurrent uploads and remembered', async (t) => {
  const mock = await startMock(t)
  const one = input()
  await Promise.all(Array.from({ length: 32 }, () => uploadState(one, mock.config)))
  await uploadState(one, mock.config)
  assert.equal(mock.count('GetBucketEncryption'), 1)
  assert.equal(mock.puts().length, 33)
  await uploadState(input(), mock.config)
  assert.equal(mock.count('GetBucketEncryption'), 2)
  const other = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'other' }
  await uploadState(one, { ...mock.config, credentials: other })
  assert.equal(mock.count('GetBucketEncryption'), 3, 'another caller asks for itself')
  await uploadState(one, { ...mock.config, maxAttempts: 2, requestTimeout: 5000 })
  assert.equal(mock.count('GetBucketEncryption'), 3, 'a configuration of the same caller and endpoint does not')
})

test('an explicit setting asks nothing', async (t) => {
  const mock = await startMock(t)
  await uploadState(input(), { ...mock.config, encryption: 'AES256' })
  await uploadState({ ...input(), ServerSideEncryption: 'aws:kms' }, mock.config)
  assert.equal(mock.count('GetBucketEncryption'), 0)
})

test('a policy refusal makes it ask again, and send again if the default has changed', async (t) => {
  let algorithm = 'AES256'
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm, key: algorithm === 'aws:kms' ? KEY_ARN : '' }) }),
  })
  const one = input()
  await uploadState(one, mock.config)
  const { PutObject } = mock.answers
  mock.answers.PutObject = (request) => {
    if (request.headers['x-amz-server-side-encryption'] !== algorithm) {
      return { status: 403, body: xmlError('AccessDenied', 'Access Denied') }
    }
    mock.answers.PutObject = PutObject
    return {
      headers: { 'x-amz-server-side-encryption': algorithm, 'x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN },
    }
  }
  algorithm = 'aws:kms'
  const { encryption } = await uploadState(one, mock.config)
  assert.equal(encryption.requested.SSEKMSKeyId, KEY_ARN)
  assert.equal(mock.count('GetBucketEncryption'), 2)
  assert.equal(mock.puts().length, 3)
})

test('a key of the default that was replaced and disabled since makes it ask again', async (t) => {
  const other = KEY_ARN.replace('0123', '4567')
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN }) }),
  })
  const one = input()
  await uploadState(one, mock.config)
  const { PutObject } = mock.answers
  mock.answers.PutObject = () => {
    mock.answers.PutObject = PutObject
    return { status: 400, body: xmlError('KMS.DisabledException', `${KEY_ARN} is disabled.`) }
  }
  mock.answers.GetBucketEncryption = () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: other }) })
  const { encryption } = await uploadState(one, mock.config)
  assert.equal(encryption.reported.SSEKMSKeyId, other)
})

test('a refusal under an unchanged default is sent once, and forgotten', async (t) => {
  const mock = await startMock(t)
  const one = input()
  await uploadState(one, mock.config)
  mock.answers.PutObject = () => ({ status: 403, body: xmlError('AccessDenied', 'Access Denied') })
  assert.equal((await rejection(() => uploadState(one, mock.config))).name, 'AccessDenied')
  assert.equal(mock.puts().length, 2)
  assert.equal(mock.count('GetBucketEncryption'), 2)
})

test('where the default may not be read, AES256 is sent and the process is warned once', async (t) => {
  const warnings = []
  const listen = (warning) => warnings.push(warning)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const denied = () => ({ status: 403, body: xmlError('AccessDenied', 'no') })
  for (const [answer, code] of [
    [denied, 'AccessDenied'],
    [() => ({ status: 501, body: xmlError('NotImplemented') }), 'NotImplemented'],
    [() => ({ status: 405, body: xmlError('MethodNotAllowed') }), 'MethodNotAllowed'],
  ]) {
    const mock = await startMock(t, { GetBucketEncryption: answer })
    const one = input()
    const results = [await uploadState(one, mock.config), await uploadState(one, mock.config)]
    await new Promise(setImmediate)
    assert.deepEqual(
      results.map(({ encryption }) => encryption.source),
      ['fallback', 'fallback'],
    )
    assert.deepEqual(sse(mock.puts()[0]), { '': 'AES256' })
    const [warning, ...more] = warnings.splice(0).filter(({ message }) => message.includes(one.Bucket))
    assert.equal(more.length, 0)
    assert.equal(warning.code, 'STATESEAL_ENCRYPTION_FALLBACK')
    assert.match(warning.message, new RegExp(`${code}.*s3:GetEncryptionConfiguration`))
  }
})

test('a refusal after the fallback says that AES256 was a guess', async (t) => {
  const denied = () => ({ status: 403, body: xmlError('AccessDenied', 'Access Denied') })
  const mock = await startMock(t, { GetBucketEncryption: denied, PutObject: denied })
  const error = await rejection(() => uploadState(input(), mock.config))
  assert.match(error.hint, /AES256 was sent.*s3:GetEncryptionConfiguration/)
})

test('errors that the put would get too are not taken for a missing permission', async (t) => {
  for (const [status, code] of [
    [404, 'NoSuchBucket'],
    [403, 'InvalidAccessKeyId'],
    [403, 'RequestTimeTooSkewed'],
    [500, 'InternalError'],
  ]) {
    const mock = await startMock(t, { GetBucketEncryption: () => ({ status, body: xmlError(code) }) })
    const error = await rejection(() => uploadState(input(), mock.config))
    assert.equal(error.name, code)
    assert.equal(mock.puts().length, 0)
  }
})

test('a bucket that blocks SSE-C never sees the key', async (t) => {
  const mock = await startMock(t, { GetBucketEncryption: () => ({ body: encryptionXml({ blocked: ['SSE-C'] }) }) })
  const one = input()
  const config = { ...mock.config, allowInsecureLoopback: true, encryption: { sseCustomerKey: Buffer.alloc(32, 9) } }
  const error = await rejection(() => uploadState(one, config))
  assert.equal(error.name, 'EncryptionConflict')
  assert.match(error.hint, /blocks SSE-C/)
  assert.equal(error.setting, 'encryption.sseCustomerKey')
  assert.equal(mock.puts().length, 0)
  mock.answers.GetBucketEncryption = () => ({ body: encryptionXml({ blocked: ['NONE'] }) })
  await uploadState(one, config)
  assert.equal(mock.puts().length, 1, 'an unblocked bucket is noticed at once')
})
