// Regions: redirects, and keys that belong to another one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uploadState } from 'stateseal'
import { encryptionXml, KEY_ARN, rejection, startMock, xmlError } from './support/mock.mjs'

const input = { Bucket: 'b', Key: 'k', Body: 'x' }
const EU_ARN = KEY_ARN.replace('us-east-1', 'eu-west-1')
const regionOf = ({ headers }) => headers.authorization.match(/\d{8}\/([^/]+)\//)[1]
const elsewhere = (answer) => (request) =>
  regionOf(request) === 'eu-west-1'
    ? answer(request)
    : { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' }, body: xmlError('PermanentRedirect', 'elsewhere') }
const put = elsewhere(({ headers }) => ({
  headers: {
    'x-amz-server-side-encryption': headers['x-amz-server-side-encryption'],
    'x-amz-server-side-encryption-aws-kms-key-id': EU_ARN,
  },
}))

test('a redirect is followed once, if asked for', async (t) => {
  const mock = await startMock(t, { PutObject: put })
  const config = { ...mock.config, encryption: 'aws:kms' }
  const error = await rejection(() => uploadState(input, config))
  assert.equal(error.name, 'PermanentRedirect')
  assert.match(error.hint, /followRegionRedirects/)
  const { $metadata } = await uploadState(input, { ...config, followRegionRedirects: true })
  assert.equal($metadata.attempts, 1, 'counted anew, as in the SDK')
  assert.deepEqual(mock.puts().map(regionOf), ['us-east-1', 'us-east-1', 'eu-west-1'])
  assert.ok(mock.puts().every(({ body }) => body.toString() === 'x'))
})

test('an endless redirect ends', async (t) => {
  const mock = await startMock(t, {
    PutObject: (request) => ({
      status: 301,
      headers: { 'x-amz-bucket-region': regionOf(request) === 'eu-west-1' ? 'us-east-1' : 'eu-west-1' },
      body: xmlError('PermanentRedirect'),
    }),
  })
  const error = await rejection(() =>
    uploadState(input, { ...mock.config, encryption: 'AES256', followRegionRedirects: true }),
  )
  assert.equal(error.name, 'PermanentRedirect')
  assert.equal(mock.puts().length, 2)
})

test("the mirror's redirect saves the put's", async (t) => {
  const mock = await startMock(t, {
    GetBucketEncryption: elsewhere(() => ({ body: encryptionXml({ algorithm: 'aws:kms', key: EU_ARN }) })),
    PutObject: put,
  })
  await uploadState({ ...input, Bucket: 'redirected' }, { ...mock.config, followRegionRedirects: true })
  assert.deepEqual(mock.puts().map(regionOf), ['eu-west-1'])
})

test('a key of another Region is an error, or right where S3 redirects to', async (t) => {
  const mock = await startMock(t, {
    PutObject: put,
    HeadBucket: () => ({ status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' } }),
  })
  const encryption = { serverSideEncryption: 'aws:kms', sseKMSKeyId: EU_ARN }
  const error = await rejection(() => uploadState(input, { ...mock.config, encryption }))
  assert.equal(error.name, 'EncryptionConflict')
  assert.deepEqual(error.settings, ['encryption.sseKMSKeyId', 'region'])
  assert.equal(mock.requests.length, 0)
  await uploadState(input, { ...mock.config, encryption, followRegionRedirects: true })
  assert.deepEqual(mock.puts().map(regionOf), ['eu-west-1'], 'the state was never sent in vain')
  const usKey = { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN }
  const late = await rejection(() =>
    uploadState(input, { ...mock.config, encryption: usKey, followRegionRedirects: true }),
  )
  assert.equal(late.name, 'EncryptionConflict', late.message)
})

test('Region and endpoint of the environment', async (t) => {
  const mock = await startMock(t)
  const { region, endpoint, ...config } = mock.config
  const before = { ...process.env }
  t.after(() => {
    process.env = before
  })
  process.env.AWS_REGION = 'ap-south-1'
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1'
  process.env.AWS_ENDPOINT_URL_S3 = endpoint
  await uploadState(input, config)
  assert.equal(regionOf(mock.puts()[0]), 'ap-south-1')
  delete process.env.AWS_REGION
  process.env.AWS_CONFIG_FILE = process.env.AWS_SHARED_CREDENTIALS_FILE = '/nowhere'
  const error = await rejection(() => uploadState(input, config))
  assert.match(error.message, /[Rr]egion/)
})
