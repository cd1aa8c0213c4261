// stateseal/aws-sdk-v2 with the real AWS SDK v2, on the real server over https.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import https from 'node:https'
import { after, before, describe, test } from 'node:test'
import { withEncryption } from 'stateseal/aws-sdk-v2'
import { framework, titleOf } from './support/frameworks.mjs'
import { denyPlain, startLocal } from './support/local.mjs'
import { KEY_ARN, rejection, startMock } from './support/mock.mjs'

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1'
const LARGE = randomBytes(5 * 1024 * 1024 + 1)
const key = randomBytes(32)
let AWS
let s3
let agent

before(async () => {
  const { require } = await framework('aws-sdk-2')
  AWS = require('aws-sdk')
  s3 = await startLocal({ kms: true, tls: true })
  agent = new https.Agent({ ca: s3.ca })
  const rule = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: s3.kms.keyArn }
  await s3.createBucket('deny', { policy: denyPlain('deny'), versioning: true })
  await s3.createBucket('kms', { defaultEncryption: rule })
  await s3.createBucket('free', {})
})
after(async () => {
  agent?.destroy()
  await s3?.stop()
})

function plain(more) {
  const { endpoint, region, credentials } = s3
  return new AWS.S3({
    endpoint,
    region,
    credentials: new AWS.Credentials(credentials),
    s3ForcePathStyle: true,
    httpOptions: { agent },
    maxRetries: 0,
    ...more,
  })
}
const sealed = (config) => withEncryption(plain(), { ca: s3.ca, ...config })

/** What is stored, asked without SDK and addon. */
async function stored(Bucket, Key) {
  const { headers } = await s3.request({ method: 'HEAD', path: `/${Bucket}/${Key}` })
  return [headers['x-amz-server-side-encryption'], headers['x-amz-server-side-encryption-aws-kms-key-id']]
}

describe(titleOf('aws-sdk-2'), () => {
  test('promises, callbacks and uploads pass the policy that refuses them without', async () => {
    const put = { Bucket: 'deny', Key: 'k', Body: 'x' }
    assert.equal((await rejection(() => plain().putObject(put).promise())).code, 'AccessDenied')
    const client = sealed()
    assert.ok((await client.putObject({ ...put, Key: 'a b/ü+' }).promise()).VersionId)
    const called = (method, Key) =>
      new Promise((resolve, reject) => {
        client[method]({ ...put, Key }, (error, data) => (error ? reject(error) : resolve(data)))
      })
    for (const method of ['putObject', 'upload']) {
      assert.equal((await called(method, method)).ServerSideEncryption, 'AES256')
      assert.deepEqual(await stored('deny', method), ['AES256', undefined])
    }
    const Body = createReadStream(new URL(import.meta.url))
    assert.ok((await client.upload({ ...put, Key: 'stream', Body }, { queueSize: 1 }).promise()).VersionId)
    assert.deepEqual(await stored('deny', 'stream'), ['AES256', undefined])
  })

  test("the bucket's own key is mirrored, in one put, in parts and in copies", async () => {
    const client = sealed()
    await client.putObject({ Bucket: 'kms', Key: 'one', Body: 'x' }).promise()
    await client.upload({ Bucket: 'kms', Key: 'parts', Body: LARGE }).promise()
    await client.copyObject({ Bucket: 'kms', Key: 'copy', CopySource: 'kms/one' }).promise()
    for (const Key of ['one', 'parts', 'copy']) assert.deepEqual(await stored('kms', Key), ['aws:kms', s3.kms.keyArn])
  })

  test('SSE-C: the key itself reaches S3, on puts, parts, copies and reads', async () => {
    const client = sealed({ encryption: { sseCustomerKey: key.toString('base64') } })
    const place = { Bucket: 'free', Key: 'c' }
    const { SSECustomerKeyMD5 } = await client.putObject({ ...place, Body: 'secret' }).promise()
    const given = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: key }
    const { Body } = await plain()
      .getObject({ ...place, ...given })
      .promise()
    assert.equal(Body.toString(), 'secret')
    assert.ok(SSECustomerKeyMD5)
    await client.upload({ ...place, Key: 'parts', Body: LARGE }).promise()
    assert.equal((await client.getObject({ ...place, Key: 'parts' }).promise()).ContentLength, LARGE.length)
    await plain()
      .putObject({ ...place, Key: 'old', Body: 'old' })
      .promise()
    assert.equal((await client.getObject({ ...place, Key: 'old' }).promise()).Body.toString(), 'old')
    for (const [source, text] of Object.entries({ c: 'secret', old: 'old' })) {
      await client.copyObject({ ...place, Key: `copy-${source}`, CopySource: `free/${source}` }).promise()
      const copy = await plain()
        .getObject({ ...place, ...given, Key: `copy-${source}` })
        .promise()
      assert.equal(copy.Body.toString(), text)
    }
    const none = await rejection(() => client.getObject({ ...place, Key: 'none' }).promise())
    assert.equal(none.code, 'NoSuchKey')
  })

  test('a refusal has a hint, and is still the error of the SDK', async () => {
    const client = sealed({ encryption: 'bucket-default' })
    for (const method of ['putObject', 'upload']) {
      const error = await rejection(() => client[method]({ Bucket: 'deny', Key: 'k', Body: 'x' }).promise())
      assert.deepEqual([error.code, error.statusCode], ['AccessDenied', 403])
      assert.match(error.hint, /statement DenyPlain.*AES256/)
    }
  })

  test('what is wrong, contradicts, or was not applied rejects', async (t) => {
    const put = { Bucket: 'b', Key: 'k', Body: 'x' }
    const mock = await startMock(t, { PutObject: () => ({ headers: { etag: '"e"' } }) })
    const { endpoint, credentials } = mock.config
    const client = withEncryption(plain({ endpoint, credentials, httpOptions: {}, maxRetries: 2 }), {
      encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN },
    })
    const conflict = await rejection(() => client.putObject({ ...put, ServerSideEncryption: 'AES256' }).promise())
    assert.equal(conflict.name, 'EncryptionConflict')
    assert.equal(mock.requests.length, 0)
    const error = await rejection(() => client.putObject(put).promise())
    assert.deepEqual([error.name, error.ETag], ['EncryptionNotApplied', '"e"'])
    assert.equal(mock.puts().length, 1, 'it is not sent again')
    assert.throws(() => sealed({ encryption: { serverSideEncryption: 'AES128' } }), { name: 'InvalidParameterValue' })
    assert.throws(() => withEncryption({}), { setting: 's3' })
    assert.throws(() => withEncryption({ middlewareStack: {} }), /stateseal\/aws-sdk'/)
  })

  test('errors that SDK v2 retries are retried', async (t) => {
    let count = 0
    const mock = await startMock(t, {
      PutObject: () =>
        ++count < 3 ? { status: 503 } : { headers: { etag: '"e"', 'x-amz-server-side-encryption': 'AES256' } },
    })
    const { endpoint, credentials } = mock.config
    const retryDelayOptions = { base: 1 }
    const client = withEncryption(plain({ endpoint, credentials, httpOptions: {}, maxRetries: 3, retryDelayOptions }))
    await client.putObject({ Bucket: 'b', Key: 'k', Body: 'x' }).promise()
    assert.deepEqual(
      mock.puts().map(({ headers }) => headers['x-amz-server-side-encryption']),
      ['AES256', 'AES256', 'AES256'],
    )
  })

  test('twice: the later settings count; presigned URLs and other operations stay as they are', async () => {
    const client = withEncryption(sealed({ encryption: 'bucket-default' }), { ca: s3.ca, encryption: 'AES256' })
    await client.putObject({ Bucket: 'deny', Key: 'twice', Body: 'x' }).promise()
    assert.deepEqual(await stored('deny', 'twice'), ['AES256', undefined])
    const params = { Bucket: 'deny', Key: 'p' }
    const bare = (url) => url.replace(/(Expires|Signature)=[^&]+/g, '')
    assert.equal(bare(client.getSignedUrl('putObject', params)), bare(plain().getSignedUrl('putObject', params)))
    const { Contents } = await client.listObjectsV2({ Bucket: 'deny' }).promise()
    assert.ok(Contents.some(({ Key }) => Key === 'twice'))
  })
})
