// docs/serverless-v4.md: the change that it gives to the framework's maintainers does what it says.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { GetObjectCommand, HeadObjectCommand, NoSuchBucket, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { denyPlain, startLocal } from './support/local.mjs'
import { rejection, startMock, xmlError } from './support/mock.mjs'

const require = createRequire(import.meta.url)
const document = readFileSync(new URL('../docs/serverless-v4.md', import.meta.url), 'utf8')
const blocks = [...document.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code)
const Key = 'services/traditional/arn:aws:cloudformation_orders/state/state.json'
let s3
let sdk

before(async () => {
  s3 = await startLocal({ bucket: 'state', policy: denyPlain('state'), kms: true })
  await s3.createBucket('free')
  sdk = new S3Client(s3.clientConfig)
})
after(async () => {
  sdk?.destroy()
  await s3?.stop()
})

/** A function of the document, as it stands there. */
function fromDocument(name) {
  const code = blocks.find((block) => block.includes(`const ${name} =`))
  const body = code.replace(/import (\{.*?\}) from ('stateseal')/, 'const $1 = require($2)')
  return new Function('require', `${body}\nreturn ${name}`)(require)
}

/** The framework's own clients find the endpoint in the environment; it gives no setting for it. */
async function putState(resolutionDetails, { endpoint = s3.endpoint, credentials = s3.credentials, bucketName } = {}) {
  process.env.AWS_ENDPOINT_URL_S3 = endpoint
  try {
    const place = { bucketName: bucketName ?? 'state', objectKey: Key }
    return await fromDocument('putState')(async () => credentials, s3.region, resolutionDetails, place, '{"a":1}')
  } finally {
    delete process.env.AWS_ENDPOINT_URL_S3
  }
}

test('the put: refused as it is, accepted with the change', async () => {
  const plain = new PutObjectCommand({ Bucket: 'state', Key, Body: '{}' })
  assert.equal((await rejection(() => sdk.send(plain))).name, 'AccessDenied')
  const kms = { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }
  for (const [details, algorithm, key] of [
    [undefined, 'AES256', undefined],
    [{ type: 's3', bucketName: 'state', serverSideEncryption: 'AES256' }, 'AES256', undefined],
    [{ type: 's3', bucketName: 'state', encryption: kms }, 'aws:kms', s3.kms.keyArn],
  ]) {
    await putState(details)
    const head = await sdk.send(new HeadObjectCommand({ Bucket: 'state', Key }))
    assert.deepEqual([head.ServerSideEncryption, head.SSEKMSKeyId], [algorithm, key])
  }
})

test('what S3 would refuse is refused before', async () => {
  const error = await rejection(() => putState({ serverSideEncryption: 'aws:fsx' }))
  assert.equal(error.name, 'InvalidParameterValue')
})

test('errors are those that the framework looks at', async (t) => {
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ status: 404, body: xmlError('NoSuchBucket') }),
    PutObject: () => ({ status: 404, body: xmlError('NoSuchBucket', 'The specified bucket does not exist') }),
  })
  const error = await rejection(() => putState(undefined, mock.config))
  assert.ok(error instanceof NoSuchBucket)
  assert.equal(error.name, 'NoSuchBucket')
  assert.ok(delete error.code)
})

test('the read has the fields of SSE-C, and no others', async () => {
  const readParams = fromDocument('readParams')
  assert.deepEqual(readParams(undefined), {})
  assert.deepEqual(readParams({ encryption: 'AES256' }), {})
  const SSECustomerKey = randomBytes(32).toString('base64')
  const given = { SSECustomerAlgorithm: 'AES256', SSECustomerKey }
  await sdk.send(new PutObjectCommand({ Bucket: 'free', Key, Body: 'x', ...given }))
  const params = readParams({ encryption: { sseCustomerKey: SSECustomerKey } })
  const { Body } = await sdk.send(new GetObjectCommand({ Bucket: 'free', Key, ...params }))
  assert.equal(await Body.transformToString(), 'x')
})
