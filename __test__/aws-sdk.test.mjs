// stateseal/aws-sdk with the real SDK, on the real server: the client's middleware and the request handler.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { resolveEncryption } from 'stateseal'
import { stateHandler, withEncryption } from 'stateseal/aws-sdk'
import { denyPlain, startLocal } from './support/local.mjs'
import { KEY_ARN, rejection, startMock, xmlError } from './support/mock.mjs'

const require = createRequire(import.meta.url)
const LARGE = randomBytes(5 * 1024 * 1024 + 1)
const key = randomBytes(32).toString('base64')
const customer = { encryption: { sseCustomerKey: key }, allowInsecureLoopback: true }
const NO_SSE = { SSECustomerAlgorithm: undefined, SSECustomerKey: undefined }
let s3
let plain

before(async () => {
  s3 = await startLocal({ kms: true })
  plain = new S3Client(s3.clientConfig)
  const rule = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: s3.kms.keyArn, BucketKeyEnabled: true }
  await s3.createBucket('deny', { policy: denyPlain('deny'), versioning: true })
  await s3.createBucket('kms', { defaultEncryption: rule })
  await s3.createBucket('free', {})
})
after(async () => {
  plain?.destroy()
  await s3?.stop()
})

/** The two ways to one client. */
const WAYS = {
  withEncryption: (clientConfig, config) => withEncryption(new S3Client(clientConfig), config),
  stateHandler: (clientConfig, config = {}) => {
    const { credentials, endpoint } = clientConfig
    const requestHandler = stateHandler(new NodeHttpHandler(), { credentials, endpoint, ...config })
    return new S3Client({ ...clientConfig, requestHandler })
  },
}

/** What is stored, asked without SDK and addon. */
async function stored(Bucket, Key, headers) {
  const { status, headers: told } = await s3.request({ method: 'HEAD', path: `/${Bucket}/${Key}`, headers })
  assert.equal(status, 200)
  const { 'x-amz-server-side-encryption': algorithm, 'x-amz-server-side-encryption-aws-kms-key-id': keyId } = told
  return { algorithm, keyId }
}

for (const [way, makeClient] of Object.entries(WAYS)) {
  describe(way, () => {
    const client = (config) => makeClient(s3.clientConfig, config)

    test('a put that the policy denies passes, mirrored; keys of every kind of character', async () => {
      const put = (Key) => ({ Bucket: 'deny', Key, Body: 'x', ContentType: 'text/plain', Metadata: { a: 'b' } })
      assert.equal((await rejection(() => plain.send(new PutObjectCommand(put('k'))))).name, 'AccessDenied')
      const sdk = client()
      for (const Key of ['k', "a b/ü+*'(1)&=?#%", '%41']) {
        const output = await sdk.send(new PutObjectCommand(put(Key)))
        assert.equal(output.ServerSideEncryption, 'AES256', Key)
        const got = await plain.send(new GetObjectCommand({ Bucket: 'deny', Key, VersionId: output.VersionId }))
        assert.deepEqual([got.ContentType, got.Metadata.a, got.ServerSideEncryption], ['text/plain', 'b', 'AES256'])
      }
    })

    test("the bucket's own key is mirrored, in one put and in parts", async () => {
      const sdk = client()
      await sdk.send(new PutObjectCommand({ Bucket: 'kms', Key: `${way}/one`, Body: 'x' }))
      const upload = new Upload({ client: sdk, params: { Bucket: 'kms', Key: `${way}/parts`, Body: LARGE } })
      await upload.done()
      await new Upload({ client: sdk, params: { Bucket: 'kms', Key: `${way}/small`, Body: 'x' } }).done()
      for (const part of ['one', 'parts', 'small']) {
        assert.deepEqual(await stored('kms', `${way}/${part}`), { algorithm: 'aws:kms', keyId: s3.kms.keyArn })
      }
    })

    test('streams pass', async () => {
      const file = new URL(import.meta.url)
      const { size: ContentLength } = statSync(file)
      const Body = createReadStream(file)
      await client().send(new PutObjectCommand({ Bucket: 'deny', Key: 'stream', Body, ContentLength }))
      assert.equal((await stored('deny', 'stream')).algorithm, 'AES256')
    })

    test('a copy is encrypted as its target says', async () => {
      await plain.send(new PutObjectCommand({ Bucket: 'free', Key: `${way}-source`, Body: 'x' }))
      const encryption = { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }
      const copy = new CopyObjectCommand({ Bucket: 'free', Key: `${way}-copy`, CopySource: `free/${way}-source` })
      await client({ encryption }).send(copy)
      assert.deepEqual(await stored('free', `${way}-copy`), { algorithm: 'aws:kms', keyId: s3.kms.keyArn })
    })

    test('SSE-C: on puts, parts, copies and reads; what was stored before is still read', async () => {
      const sdk = client(customer)
      const place = { Bucket: 'free', Key: `${way}/c` }
      await sdk.send(new PutObjectCommand({ ...place, Body: 'secret' }))
      assert.equal((await rejection(() => plain.send(new HeadObjectCommand(place)))).$metadata.httpStatusCode, 400)
      const got = await sdk.send(new GetObjectCommand(place))
      assert.equal(await got.Body.transformToString(), 'secret')
      await sdk.send(new HeadObjectCommand(place))
      await new Upload({ client: sdk, params: { ...place, Key: `${way}/parts`, Body: LARGE } }).done()
      await sdk.send(new HeadObjectCommand({ ...place, Key: `${way}/parts` }))

      await plain.send(new PutObjectCommand({ ...place, Key: `${way}/old`, Body: 'old' }))
      const old = await sdk.send(new GetObjectCommand({ ...place, Key: `${way}/old` }))
      assert.equal(await old.Body.transformToString(), 'old')
      for (const source of ['c', 'old']) {
        const Key = `${way}/copy-of-${source}`
        await sdk.send(new CopyObjectCommand({ ...place, Key, CopySource: `free/${way}/${source}` }))
        const copied = await sdk.send(new GetObjectCommand({ ...place, Key }))
        assert.equal(await copied.Body.transformToString(), source === 'c' ? 'secret' : 'old')
        assert.equal((await rejection(() => plain.send(new HeadObjectCommand({ ...place, Key })))).$fault, 'client')
      }
      const missing = await rejection(() => sdk.send(new GetObjectCommand({ ...place, Key: 'none' })))
      assert.equal(missing.name, 'NoSuchKey')
    })

    test('SSE-C is not sent over plain http, on reads neither', async () => {
      const sdk = client({ encryption: customer.encryption })
      for (const Command of [PutObjectCommand, GetObjectCommand, HeadObjectCommand]) {
        const error = await rejection(() => sdk.send(new Command({ Bucket: 'free', Key: 'k' })))
        assert.equal(error.name, 'EncryptionConflict')
        assert.ok(!JSON.stringify(error).includes(key) && !error.message.includes(key))
      }
    })

    test('fields of the call win, or contradict', async () => {
      const call = { Bucket: 'free', Key: `${way}-call`, Body: 'x', ServerSideEncryption: 'aws:kms' }
      const named = { ...call, SSEKMSKeyId: s3.kms.keyArn }
      assert.equal((await client().send(new PutObjectCommand(named))).SSEKMSKeyId, s3.kms.keyArn)
      const error = await rejection(() => client({ encryption: 'AES256' }).send(new PutObjectCommand(named)))
      assert.equal(error.name, 'EncryptionConflict')
    })

    test('a refusal has a hint, and is still the error of the SDK', async () => {
      const sdk = client({ encryption: 'bucket-default' })
      const error = await rejection(() => sdk.send(new PutObjectCommand({ Bucket: 'deny', Key: 'k', Body: 'x' })))
      assert.equal(error.name, 'AccessDenied')
      assert.match(error.hint, /statement DenyPlain.*AES256/)
      assert.equal(error.$metadata.httpStatusCode, 403)
    })

    test('a reply that does not show it rejects', async (t) => {
      const mock = await startMock(t, { PutObject: () => ({ headers: { etag: '"e"', 'x-amz-version-id': 'v' } }) })
      const sdk = makeClient(mock.config, { encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN } })
      const error = await rejection(() => sdk.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' })))
      assert.equal(error.name, 'EncryptionNotApplied')
      assert.deepEqual([error.ETag, error.VersionId, error.Bucket], ['"e"', 'v', 'b'])
      assert.equal(mock.puts().length, 1, 'it is not sent again')
    })

    test('copies and completions that fail with status 200 are errors of S3, and their hints too', async (t) => {
      const mock = await startMock(t, { PutObject: () => ({ body: xmlError('InternalError', 'try again') }) })
      const sdk = makeClient({ ...mock.config, maxAttempts: 1 }, { encryption: 'AES256' })
      const copy = new CopyObjectCommand({ Bucket: 'b', Key: 'k', CopySource: 'b/s' })
      assert.equal((await rejection(() => sdk.send(copy))).name, 'InternalError')
    })

    test('other operations pass as they are', async (t) => {
      const mock = await startMock(t)
      const sdk = makeClient(mock.config)
      await sdk.send(new ListObjectsV2Command({ Bucket: 'b' }))
      await sdk.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))
      const TagSet = [{ Key: 'a', Value: 'b' }]
      await sdk.send(new PutObjectTaggingCommand({ Bucket: 'b', Key: 'k', Tagging: { TagSet } }))
      assert.deepEqual(
        mock.requests.map(({ path }) => path.replace('x-id=', '')),
        ['/b/?list-type=2', '/b/k?GetObject', '/b/k?tagging='],
      )
      for (const { headers } of mock.requests) assert.equal(headers['x-amz-server-side-encryption'], undefined)
    })

    test('a wrong setting throws before there is a call', () => {
      const wrong = (config) => () => makeClient(s3.clientConfig, config)
      assert.throws(wrong({ encryption: { serverSideEncryption: 'AES128' } }), { name: 'InvalidParameterValue' })
      assert.throws(wrong({ encryption: { sseKMSKeyId: KEY_ARN } }), { hint: /./ })
      assert.throws(wrong({ encryption: { stages: { prod: 'AES256' } }, stage: 'dev' }), { hint: /./ })
    })
  })
}

test('the aggregated client and two calls of withEncryption: the later settings count, once', async (t) => {
  const mock = await startMock(t)
  const client = new S3(mock.config)
  assert.equal(withEncryption(client, { encryption: 'bucket-default' }), client)
  withEncryption(client, { stage: 'prod', encryption: { stages: { prod: 'AES256' } } })
  await client.putObject({ Bucket: 'b', Key: 'k', Body: 'x' })
  const [{ headers }] = mock.puts()
  assert.equal(headers['x-amz-server-side-encryption'], 'AES256')
  assert.equal(mock.requests.length, 1)
})

test("the client's region, credentials and endpoint serve the mirror, functions too", async (t) => {
  const mock = await startMock(t)
  const { endpoint, credentials } = mock.config
  const client = new S3Client({
    endpoint,
    forcePathStyle: true,
    region: async () => 'eu-central-1',
    credentials: async () => credentials,
  })
  await withEncryption(client).send(new PutObjectCommand({ Bucket: 'own', Key: 'k', Body: 'x' }))
  const [mirror, put] = mock.requests
  assert.equal(mirror.operation, 'GetBucketEncryption')
  assert.match(mirror.headers.authorization, /eu-central-1\/s3/)
  assert.equal(put.headers['x-amz-server-side-encryption'], 'AES256')
})

test('GetObjectAttributes and parts of an upload created elsewhere get the customer key', async () => {
  const client = withEncryption(new S3Client(s3.clientConfig), customer)
  const place = { Bucket: 'free', Key: 'elsewhere' }
  const given = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: key }
  const { UploadId } = await plain.send(new CreateMultipartUploadCommand({ ...place, ...given }))
  const { UploadPartCommand, CompleteMultipartUploadCommand } = require('@aws-sdk/client-s3')
  const { ETag } = await client.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: 'x' }))
  const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] }
  await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }))
  assert.equal(await (await plain.send(new GetObjectCommand({ ...place, ...given }))).Body.transformToString(), 'x')
  const asked = []
  client.middlewareStack.add((next) => (args) => asked.push(args.input) && next(args), { step: 'serialize' })
  await client
    .send(new GetObjectAttributesCommand({ ...place, ...NO_SSE, ObjectAttributes: ['ETag'] }))
    .catch(() => undefined)
  assert.ok(asked[0].SSECustomerKey)
  const second = await client.send(new CreateMultipartUploadCommand(place))
  await client.send(new AbortMultipartUploadCommand({ ...place, UploadId: second.UploadId }))
})

test('a presigned URL holds the encryption headers: with them it is accepted, without them refused', async () => {
  // Else the SDK signs the checksum of an empty body into the URL.
  const client = withEncryption(new S3Client({ ...s3.clientConfig, requestChecksumCalculation: 'WHEN_REQUIRED' }))
  const place = { Bucket: 'deny', Key: 'presigned' }
  const url = await getSignedUrl(client, new PutObjectCommand(place))
  assert.match(new URL(url).searchParams.get('X-Amz-SignedHeaders'), /x-amz-server-side-encryption/)
  const refused = await fetch(url, { method: 'PUT', body: 'x' })
  assert.equal(refused.status, 403)
  const headers = (await resolveEncryption(place, s3.clientConfig)).headers()
  const accepted = await fetch(url, { method: 'PUT', body: 'x', headers })
  assert.equal(accepted.status, 200)
  assert.equal((await stored('deny', 'presigned')).algorithm, 'AES256')
})

test('the handler is a whole handler', async (t) => {
  const inner = new NodeHttpHandler({ requestTimeout: 4321 })
  const handler = stateHandler(inner, { credentials: s3.credentials })
  assert.equal(handler.metadata, inner.metadata)
  handler.updateHttpClientConfig('connectionTimeout', 9)
  assert.deepEqual(handler.httpHandlerConfigs(), inner.httpHandlerConfigs())
  t.mock.method(inner, 'destroy')
  handler.destroy()
  assert.equal(inner.destroy.mock.callCount(), 1)
})

test('the handler knows bucket and object by host name, and by the endpoint it is given', async () => {
  const sent = []
  const inner = {
    handle: async (request) => {
      sent.push(request)
      const body = require('node:stream').Readable.from([])
      return { response: { statusCode: 200, headers: { 'x-amz-server-side-encryption': 'AES256' }, body } }
    },
  }
  const credentials = { ...s3.credentials, sessionToken: 'token' }
  const send = (config, more) => {
    const handler = stateHandler(inner, { credentials, encryption: 'AES256', ...more })
    const client = new S3Client({ region: 'eu-west-1', credentials, ...config, requestHandler: handler })
    return client.send(new PutObjectCommand({ Bucket: 'my.bucket', Key: 'k', Body: 'x' }))
  }
  const custom = { endpoint: 'https://s3.example.net/base', forcePathStyle: true }
  await send({})
  await send({ forcePathStyle: true })
  await send({ useDualstackEndpoint: true })
  await send(custom, custom)
  for (const { headers } of sent) {
    assert.equal(headers['x-amz-server-side-encryption'], 'AES256')
    assert.match(headers.authorization, /eu-west-1\/s3.*x-amz-security-token.*x-amz-server-side-encryption/)
  }
  const error = await rejection(() => send(custom))
  assert.equal(error.setting, 'config.endpoint')
})

test('a put whose signature cannot be renewed is not sent', async () => {
  const handler = stateHandler({ handle: () => assert.fail('sent') }, { credentials: s3.credentials })
  const put = (authorization) =>
    rejection(() => handler.handle({ method: 'PUT', hostname: 'b', path: '/k', headers: { authorization } }))
  for (const authorization of [
    'AWS4-ECDSA-P256-SHA256 Credential=A/20261125/s3/aws4_request, SignedHeaders=host, Signature=0',
    'AWS4-HMAC-SHA256 Credential=A/20261125/us-east-1/s3express/aws4_request, SignedHeaders=host, Signature=0',
  ]) {
    assert.match((await put(authorization)).message, /cannot renew.*Use withEncryption/)
  }
})

test('a wrong client or handler is named', () => {
  assert.throws(() => withEncryption({}), { setting: 'client' })
  assert.throws(() => withEncryption({ makeRequest() {} }), /stateseal\/aws-sdk-v2/)
  assert.throws(() => stateHandler({}, { credentials: s3.credentials }), { setting: 'requestHandler' })
  assert.throws(() => stateHandler(new NodeHttpHandler(), {}), { setting: 'config.credentials' })
  assert.throws(() => stateHandler(new NodeHttpHandler()), { setting: 'config' })
})

test('loading the adapter loads no SDK', () => {
  const { execFileSync } = require('node:child_process')
  const script = `require('stateseal/aws-sdk')
    console.log(Object.keys(require.cache).filter((file) => file.includes('aws-sdk/') && file.includes('node_modules')).length)`
  const told = execFileSync(process.execPath, ['-e', script], { cwd: new URL('..', import.meta.url), encoding: 'utf8' })
  assert.equal(told.trim(), '0')
})
