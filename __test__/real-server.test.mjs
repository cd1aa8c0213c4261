// Against SeaweedFS with moto as its KMS, read back with the AWS SDK.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { uploadState } from 'stateseal'
import { startLocal } from './support/local.mjs'
import { rejection } from './support/mock.mjs'

const STATE = { service: 'api', resources: Array.from({ length: 200 }, (_, n) => ({ id: n, secret: `s-${n}` })) }
const BODY = JSON.stringify(STATE)
let s3
let sdk
let bucketCount = 0

before(async () => {
  s3 = await startLocal({ kms: true })
  sdk = new S3Client(s3.clientConfig)
})
after(async () => {
  sdk?.destroy()
  await s3?.stop()
})

async function newBucket(options) {
  const name = `bucket-${++bucketCount}`
  await s3.createBucket(name, typeof options === 'function' ? options(name) : options)
  return name
}

const put = (Bucket, encryption, more = {}, input = {}) =>
  uploadState({ Bucket, Key: 'a b/ü+state.json', State: STATE, ...input }, { ...s3.clientConfig, encryption, ...more })

async function readBack(Bucket, result, customer = {}) {
  const place = { Bucket, Key: result.Key, VersionId: result.VersionId, ...customer }
  const head = await sdk.send(new HeadObjectCommand(place))
  const got = await sdk.send(new GetObjectCommand(place))
  assert.equal(await got.Body.transformToString(), BODY)
  assert.equal(got.ContentType, 'application/json')
  return head
}

test('AES256, KMS by ARN, id and alias: stored, reported, read back', async () => {
  const bucket = await newBucket({ versioning: true })
  const { keyArn, keyId, alias } = s3.kms
  for (const [encryption, algorithm, compared] of [
    ['AES256', 'AES256', 'not-asked'],
    [{ serverSideEncryption: 'aws:kms', sseKMSKeyId: keyArn }, 'aws:kms', 'equal'],
    [{ serverSideEncryption: 'aws:kms', sseKMSKeyId: keyId }, 'aws:kms', 'equal'],
    [{ serverSideEncryption: 'aws:kms', sseKMSKeyId: alias }, 'aws:kms', 'not-comparable'],
    [
      {
        serverSideEncryption: 'aws:kms',
        sseKMSKeyId: keyArn,
        encryptionContext: { stage: 'dev', app: 'ü' },
        bucketKeyEnabled: true,
      },
      'aws:kms',
      'equal',
    ],
  ]) {
    const result = await put(bucket, encryption)
    assert.equal(result.encryption.compared.key, compared)
    assert.equal(result.ServerSideEncryption, algorithm)
    assert.ok(result.VersionId)
    const head = await readBack(bucket, result)
    assert.equal(head.ServerSideEncryption, algorithm)
    assert.equal(head.ETag, result.ETag)
    if (algorithm === 'aws:kms') {
      assert.equal(head.SSEKMSKeyId, keyArn)
      assert.equal(result.SSEKMSKeyId, keyArn)
    }
    if (encryption.bucketKeyEnabled) assert.equal(result.BucketKeyEnabled, true)
  }
})

test('SSE-C: only the key reads it', async () => {
  const bucket = await newBucket()
  const key = randomBytes(32)
  const result = await put(bucket, { sseCustomerKey: key }, { allowInsecureLoopback: true })
  const customer = {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  }
  assert.equal(result.SSECustomerKeyMD5, customer.SSECustomerKeyMD5)
  await readBack(bucket, result, customer)
  const place = { Bucket: bucket, Key: result.Key }
  assert.equal((await rejection(() => sdk.send(new GetObjectCommand(place)))).$metadata.httpStatusCode, 400)
})

test('over https with a CA of its own, SSE-C needs no permission', async (t) => {
  const secure = await startLocal({ tls: true, bucket: 'secure' })
  t.after(secure.stop)
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const ca = path.join(folder, 'ca.pem')
  writeFileSync(ca, secure.ca)
  // Node reads NODE_EXTRA_CA_CERTS when it starts, hence a process of its own.
  const script = `
    const { uploadState } = require('stateseal')
    uploadState({ Bucket: 'secure', Key: 'k', Body: 'x' }, {
      ...${JSON.stringify(secure.clientConfig)}, encryption: { sseCustomerKey: 'k'.repeat(32) },
    }).then((r) => console.log(r.encryption.compared.key), (e) => console.log(e.name, e.code, e.message))`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const run = (NODE_EXTRA_CA_CERTS) => {
    const env = { ...process.env, NODE_EXTRA_CA_CERTS }
    return spawnSync(process.execPath, ['-e', script], { cwd, env, encoding: 'utf8' }).stdout.trim()
  }
  assert.equal(run(ca), 'equal')
  assert.match(run(''), /UnknownIssuer|UNABLE_TO_VERIFY|SELF_SIGNED/)
})

const deny = (name, Condition) => ({
  policy: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Deny',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${name}/*`,
        Condition,
      },
    ],
  },
})

test('the policy of serverless/serverless #12915: refused without, accepted with', async () => {
  const bucket = await newBucket((name) =>
    deny(name, { StringNotEquals: { 's3:x-amz-server-side-encryption': ['AES256', 'aws:kms'] } }),
  )
  const plain = new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: BODY })
  assert.equal((await rejection(() => sdk.send(plain))).name, 'AccessDenied')
  const refused = await rejection(() => put(bucket, 'bucket-default'))
  assert.equal(refused.name, 'AccessDenied')
  assert.match(refused.hint, /statement Deny; it accepts .*AES256/)
  for (const encryption of [undefined, 'AES256', { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }]) {
    await readBack(bucket, await put(bucket, encryption))
  }
})

test('a policy that demands one key: refused with another, and the hint names the right one', async () => {
  const header = 's3:x-amz-server-side-encryption-aws-kms-key-id'
  const bucket = await newBucket((name) => deny(name, { StringNotEquals: { [header]: s3.kms.keyArn } }))
  const other = await s3.kms.createKey()
  for (const encryption of [undefined, 'AES256', { serverSideEncryption: 'aws:kms', sseKMSKeyId: other.keyArn }]) {
    const error = await rejection(() => put(bucket, encryption))
    assert.equal(error.name, 'AccessDenied')
    assert.ok(error.hint.includes(s3.kms.keyArn), error.hint)
  }
  await readBack(bucket, await put(bucket, { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }))
})

test('DSSE, which this server answers with 200 and stores in plaintext, is not believed', async () => {
  const bucket = await newBucket({ versioning: true })
  const error = await rejection(() => put(bucket, { serverSideEncryption: 'aws:kms:dsse', sseKMSKeyId: s3.kms.keyArn }))
  assert.equal(error.name, 'EncryptionNotApplied')
  const stored = await sdk.send(new HeadObjectCommand({ Bucket: bucket, Key: error.Key, VersionId: error.VersionId }))
  assert.equal(stored.ServerSideEncryption, undefined)
  assert.equal(stored.ETag, error.ETag)
})

test('a KMS default with bucket key is mirrored', async () => {
  const bucket = await newBucket({
    defaultEncryption: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: s3.kms.keyArn, BucketKeyEnabled: true },
  })
  const result = await put(bucket, undefined)
  assert.deepEqual(result.encryption.requested, {
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: s3.kms.keyArn,
    BucketKeyEnabled: true,
  })
  assert.equal((await readBack(bucket, result)).SSEKMSKeyId, s3.kms.keyArn)
})

test('a caller who may only put gets the fallback, and its refusal a plain hint', async () => {
  const bucket = await newBucket()
  const limited = { credentials: s3.limited }
  assert.equal((await put(bucket, undefined, limited)).encryption.source, 'fallback')
  const strict = await newBucket((name) =>
    deny(name, { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } }),
  )
  const error = await rejection(() => put(strict, undefined, limited))
  assert.match(error.hint, /s3:GetEncryptionConfiguration/)
})

test('conditional puts hold', async () => {
  const bucket = await newBucket()
  const first = await put(bucket, 'AES256', {}, { IfNoneMatch: '*' })
  const error = await rejection(() => put(bucket, 'AES256', {}, { IfNoneMatch: '*' }))
  assert.equal(error.name, 'PreconditionFailed')
  await put(bucket, 'AES256', {}, { IfMatch: first.ETag })
})
