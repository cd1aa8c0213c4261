// A reply that does not prove the encryption rejects.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { StatesealError, uploadState } from 'stateseal'
import { encryptionXml, KEY_ARN, KEY_ID, rejection, startMock } from './support/mock.mjs'

const X = 'x-amz-server-side-encryption'
const OTHER_ARN = KEY_ARN.replace('0123', '4567')
const KEY = Buffer.alloc(32, 1)
const MD5 = createHash('md5').update(KEY).digest('base64')
const kms = (more) => ({ serverSideEncryption: 'aws:kms', ...more })
const told = (algorithm, more = {}) => ({ ...(algorithm && { [X]: algorithm }), ...more })
const key = (id) => ({ [`${X}-aws-kms-key-id`]: id })

async function upload(t, encryption, headers) {
  const mock = await startMock(t, {
    PutObject: () => ({ headers: { etag: '"e"', 'x-amz-version-id': 'v1', ...headers } }),
  })
  return () => uploadState({ Bucket: 'b', Key: 'k' }, { ...mock.config, encryption, allowInsecureLoopback: true })
}

test('replies that differ from what was asked', async (t) => {
  for (const [encryption, reply, message] of [
    ['AES256', told(), /AES256 was asked for and the reply names no encryption/],
    ['AES256', told('aws:kms'), /reply says "aws:kms"/],
    ['AES256', told('AES256', key(KEY_ARN)), /names a KMS key/],
    ['bucket-default', told(), /no encryption at all/],
    ['aws:kms', told('AES256'), /aws:kms was asked/],
    [kms({ sseKMSKeyId: KEY_ARN }), told('aws:kms', key(OTHER_ARN)), /4567/],
    [kms({ sseKMSKeyId: KEY_ID }), told('aws:kms', key(OTHER_ARN)), /4567/],
    [kms({ sseKMSKeyId: KEY_ARN }), told('aws:kms'), /names none/],
    [kms({ sseKMSKeyId: KEY_ARN }), told('aws:kms', key(KEY_ARN.replace('1111', '9999'))), /9999/],
    [kms({ bucketKeyEnabled: true }), told('aws:kms', key(KEY_ARN)), /bucketKeyEnabled/],
    [kms({ bucketKeyEnabled: false }), told('aws:kms', { [`${X}-bucket-key-enabled`]: 'true' }), /bucketKeyEnabled/],
    ['aws:kms:dsse', told('aws:kms'), /aws:kms:dsse/],
    ['aws:kms:dsse', told(), /aws:kms:dsse/],
    [{ sseCustomerKey: KEY }, told(), /SSE-C/],
    [{ sseCustomerKey: KEY }, told('AES256'), /SSE-C/],
    [{ sseCustomerKey: KEY }, { [`${X}-customer-algorithm`]: 'AES256' }, /MD5/],
    [
      { sseCustomerKey: KEY },
      { [`${X}-customer-algorithm`]: 'AES256', [`${X}-customer-key-md5`]: 'AAAAAAAAAAAAAAAAAAAAAA==' },
      /MD5/,
    ],
  ]) {
    const error = await rejection(await upload(t, encryption, reply))
    assert.equal(error.name, 'EncryptionNotApplied')
    assert.ok(error instanceof StatesealError)
    assert.match(error.message, message)
    assert.deepEqual(
      [error.VersionId, error.ETag, error.Bucket, error.Key, error.statusCode],
      ['v1', '"e"', 'b', 'k', 200],
    )
    assert.equal(error.requestId, error.$metadata.requestId)
    assert.ok(error.hint)
  }
})

test('replies that prove it, and what of it they can show', async (t) => {
  for (const [encryption, reply, compared] of [
    ['AES256', told('AES256'), { algorithm: 'equal', key: 'not-asked' }],
    ['bucket-default', told('aws:kms', key(KEY_ARN)), { algorithm: 'not-asked' }],
    ['aws:kms', told('aws:kms', key(KEY_ARN)), { algorithm: 'equal', key: 'not-asked' }],
    [kms({ sseKMSKeyId: KEY_ID }), told('aws:kms', key(KEY_ARN)), { key: 'equal' }],
    [kms({ sseKMSKeyId: KEY_ID.toUpperCase() }), told('aws:kms', key(KEY_ARN)), { key: 'equal' }],
    [kms({ sseKMSKeyId: 'alias/x' }), told('aws:kms', key(KEY_ARN)), { key: 'not-comparable' }],
    [kms({ bucketKeyEnabled: false }), told('aws:kms'), { bucketKey: 'equal' }],
    [kms({ bucketKeyEnabled: true }), told('aws:kms', { [`${X}-bucket-key-enabled`]: 'true' }), { bucketKey: 'equal' }],
    [kms({ encryptionContext: { a: 'b' } }), told('aws:kms'), { context: 'not-comparable' }],
    [
      { sseCustomerKey: KEY },
      { [`${X}-customer-algorithm`]: 'AES256', [`${X}-customer-key-md5`]: MD5 },
      { algorithm: 'equal', key: 'equal' },
    ],
  ]) {
    const { encryption: report } = await (await upload(t, encryption, reply))()
    for (const [part, value] of Object.entries(compared)) assert.equal(report.compared[part], value, part)
  }
})

test('a mirrored setting is verified as a given one', async (t) => {
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN, bucketKey: true }) }),
    PutObject: () => ({ headers: told('aws:kms', key(OTHER_ARN)) }),
  })
  const error = await rejection(() => uploadState({ Bucket: 'mirrored', Key: 'k' }, mock.config))
  assert.equal(error.name, 'EncryptionNotApplied')
})
