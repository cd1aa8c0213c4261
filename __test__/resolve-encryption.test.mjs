// The encryption alone, for hosts that send the put themselves.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { resolveEncryption } from 'stateseal'
import { startLocal } from './support/local.mjs'
import { encryptionXml, KEY_ARN, rejection, startMock } from './support/mock.mjs'

const { signRequest } = createRequire(import.meta.url)('../facade/sign-request.js')

const place = { Bucket: 'b', Key: 'k' }
const kms = { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN }

let s3
before(async () => {
  s3 = await startLocal({ bucket: 'state' })
})
after(() => s3.stop())

test('the mirror, and fields and headers for each operation', async (t) => {
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN, bucketKey: true }) }),
  })
  const resolved = await resolveEncryption({ ...place, Bucket: 'mirrored' }, mock.config)
  const fields = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY_ARN, BucketKeyEnabled: true }
  assert.deepEqual(resolved.report, { source: 'bucket', requested: fields })
  assert.deepEqual(resolved.params(), fields)
  assert.deepEqual(resolved.params('CreateMultipartUpload'), fields)
  assert.deepEqual(resolved.params('UploadPart'), {})
  assert.equal(resolved.headers()['x-amz-server-side-encryption-aws-kms-key-id'], KEY_ARN)
  assert.throws(() => resolved.headers('ListObjects'), { setting: 'operation' })
  assert.equal(mock.puts().length, 0)
})

test('precedence is that of the upload', async (t) => {
  const mock = await startMock(t)
  const stages = { stages: { prod: kms }, default: 'AES256' }
  const chosen = async (params, config) =>
    (await resolveEncryption({ ...place, ...params }, { ...mock.config, ...config })).report
  assert.equal((await chosen({}, { encryption: stages, stage: 'prod' })).source, 'stage')
  assert.equal((await chosen({}, { encryption: stages })).requested.ServerSideEncryption, 'AES256')
  assert.equal((await chosen({ ServerSideEncryption: 'AES256' }, {})).source, 'input')
  const conflict = () => chosen({ ServerSideEncryption: 'AES256' }, { encryption: kms })
  assert.match((await rejection(conflict)).name, /InvalidParameterValue|EncryptionConflict/)
  assert.equal((await rejection(() => resolveEncryption(undefined))).setting, 'params')
  assert.equal((await rejection(() => resolveEncryption({ Bucket: 'b' }, mock.config))).setting, 'Key')
  assert.equal(mock.requests.length, 0)
})

test('replies are verified step by step', async (t) => {
  const mock = await startMock(t)
  const resolved = await resolveEncryption(place, { ...mock.config, encryption: kms })
  const reply = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY_ARN }
  assert.equal(resolved.verify(reply).compared.key, 'equal')
  assert.equal(resolved.verify({}, 'UploadPart').compared.key, 'not-comparable')
  const $metadata = { httpStatusCode: 200, requestId: 'R' }
  assert.throws(
    () => resolved.verify({ ServerSideEncryption: 'AES256', ETag: '"e"', VersionId: 'v', $metadata }),
    (error) => {
      assert.equal(error.name, 'EncryptionNotApplied')
      const { ETag, VersionId, Bucket, Key, requestId } = error
      assert.deepEqual(
        { ETag, VersionId, Bucket, Key, requestId },
        { ETag: '"e"', VersionId: 'v', ...place, requestId: 'R' },
      )
      return true
    },
  )
  for (const wrong of [{}, { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY_ARN.replace('1', '2') }]) {
    assert.throws(() => resolved.verify(wrong, 'CompleteMultipartUpload'), { name: 'EncryptionNotApplied' })
  }
  const encryption = { sseCustomerKey: 'k'.repeat(32) }
  const own = await resolveEncryption(place, { ...mock.config, encryption, allowInsecureLoopback: true })
  assert.deepEqual(Object.keys(own.params('UploadPart')).sort(), Object.keys(own.params('GetObject')).sort())
  const { SSECustomerAlgorithm, SSECustomerKeyMD5 } = own.params()
  assert.equal(own.verify({ SSECustomerAlgorithm, SSECustomerKeyMD5 }).compared.key, 'equal')
  assert.equal(own.verify({}, 'CompleteMultipartUpload').compared.key, 'not-comparable')
  assert.throws(() => own.verify({ ServerSideEncryption: 'AES256' }), { name: 'EncryptionNotApplied' })
})

test("a refusal of the host's own put is explained", async (t) => {
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyKms',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: 'arn:aws:s3:::strict/*',
        Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
      },
    ],
  }
  await s3.createBucket('strict', { policy })
  const client = new S3Client(s3.clientConfig)
  t.after(() => client.destroy())
  const input = { Bucket: 'strict', Key: 'k' }
  const resolved = await resolveEncryption(input, { ...s3.clientConfig, encryption: 'AES256' })
  const refusal = await rejection(() => client.send(new PutObjectCommand({ ...input, ...resolved.params() })))
  assert.match(await resolved.explain(refusal), /statement OnlyKms; it accepts .*aws:kms/)
  assert.equal(await resolved.explain(undefined), undefined)
})

test('a request that is signed anew is accepted', async () => {
  const request = {
    method: 'PUT',
    url: `${s3.endpoint}/state/a%20b?x-id=PutObject`,
    headers: {
      host: new URL(s3.endpoint).host,
      Authorization: 'of before',
      'X-Amz-Date': '20200101T000000Z',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-amz-server-side-encryption': 'AES256',
    },
  }
  const { region, credentials } = s3
  const { host, ...headers } = await signRequest(request, { region, credentials: async () => credentials })
  const answer = await fetch(request.url, { method: 'PUT', headers, body: 'x' })
  assert.equal(answer.status, 200, await answer.text())
  assert.equal(answer.headers.get('x-amz-server-side-encryption'), 'AES256')
  const wrong = () => signRequest({ ...request, url: 'x y' }, { region, credentials })
  assert.match((await rejection(wrong)).message, /cannot be signed/)
})
