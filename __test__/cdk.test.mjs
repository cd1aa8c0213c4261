// The real asset publishing of the CDK, through stateseal.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { withEncryption } from 'stateseal/cdk'
import { framework, titleOf } from './support/frameworks.mjs'
import { listen } from './support/listen.mjs'
import { startLocal } from './support/local.mjs'
import { credentials, encryptionXml, KEY_ARN, startMock } from './support/mock.mjs'

const title = titleOf('cdk')
let cdk
let s3
let sdk

before(async () => {
  cdk = (await framework('cdk')).require('@aws-cdk/cdk-assets-lib')
  s3 = await startLocal({ kms: true })
  sdk = new S3Client(s3.clientConfig)
})
after(async () => {
  sdk?.destroy()
  await s3?.stop()
})

/** The environment of a server until the test ends: DefaultAwsClient reads it. */
function environment(t, { endpoint, credentials: { accessKeyId, secretAccessKey }, region }, more = {}) {
  const set = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    ...more,
  }
  const before = Object.fromEntries(Object.keys(set).map((name) => [name, process.env[name]]))
  Object.assign(process.env, set)
  t.after(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
}

/** A manifest of `files` (name to content) and a folder to be zipped, for `bucketName`. */
function manifest(t, bucketName, files = { 'template.json': '{"Resources":{}}' }, destination = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-cdk-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(path.join(folder, 'lambda'))
  writeFileSync(path.join(folder, 'lambda', 'index.js'), 'exports.handler = async () => {}')
  const entries = Object.entries(files).map(([name, content]) => {
    writeFileSync(path.join(folder, name), content)
    return [name, { path: name, packaging: 'file' }]
  })
  entries.push(['lambda.zip', { path: 'lambda', packaging: 'zip' }])
  const assets = Object.fromEntries(
    entries.map(([objectKey, source]) => [
      objectKey,
      { source, destinations: { here: { bucketName, objectKey, ...destination } } },
    ]),
  )
  writeFileSync(
    path.join(folder, 'assets.json'),
    JSON.stringify({ version: '54.22.0', files: assets, dockerImages: {} }),
  )
  return cdk.AssetManifest.fromFile(path.join(folder, 'assets.json'))
}

const publish = (assets, aws) => new cdk.AssetPublishing(assets, { aws, quiet: true }).publish()

let buckets = 0
async function newBucket(options = () => ({})) {
  const name = `assets-${++buckets}`
  await s3.createBucket(name, options(name))
  return name
}
const deny = (Condition) => (name) => {
  const statement = { Sid: 'DenyOthers', Effect: 'Deny', Principal: '*', Action: 's3:PutObject' }
  const Statement = [{ ...statement, Resource: `arn:aws:s3:::${name}/*`, Condition }]
  return { policy: { Version: '2012-10-17', Statement } }
}

test(`${title}: a policy that demands one key refuses its own uploads, and passes with the wrapper`, async (t) => {
  const header = 's3:x-amz-server-side-encryption-aws-kms-key-id'
  const bucket = await newBucket(deny({ StringNotEquals: { [header]: s3.kms.keyArn } }))
  environment(t, s3)
  const assets = manifest(t, bucket)
  await assert.rejects(publish(assets, new cdk.DefaultAwsClient()), /Access Denied/)
  const refused = publish(assets, withEncryption(new cdk.DefaultAwsClient(), { encryption: 'AES256' }))
  await assert.rejects(refused, (error) => error.message.includes(s3.kms.keyArn), 'the hint names the key')
  const encryption = { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }
  await publish(assets, withEncryption(new cdk.DefaultAwsClient(), { encryption }))
  assert.equal((await sdk.send(new GetObjectCommand({ Bucket: bucket, Key: 'lambda.zip' }))).SSEKMSKeyId, s3.kms.keyArn)
})

test(`${title}: files, folders and multipart uploads are stored as asked`, async (t) => {
  const bucket = await newBucket()
  environment(t, s3)
  const big = randomBytes(6 * 2 ** 20)
  const assets = manifest(t, bucket, { 'template.json': '{"Resources":{}}', 'layer.zip': big })
  const encryption = { stages: { prod: { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn } } }
  await publish(assets, withEncryption(new cdk.DefaultAwsClient(), { encryption, stage: 'prod' }))
  for (const [Key, type] of [
    ['template.json', 'application/json'],
    ['layer.zip', 'application/zip'],
    ['lambda.zip', 'application/zip'],
  ]) {
    const got = await sdk.send(new GetObjectCommand({ Bucket: bucket, Key }))
    assert.equal(got.SSEKMSKeyId, s3.kms.keyArn, Key)
    assert.equal(got.ContentType, type)
    const body = Buffer.from(await got.Body.transformToByteArray())
    if (Key === 'layer.zip') assert.ok(body.equals(big))
    if (Key === 'lambda.zip') assert.equal(body.subarray(0, 2).toString(), 'PK')
  }
})

test(`${title}: DSSE and bucket key of the bucket's default, which it leaves out itself`, async (t) => {
  const key = 'x-amz-server-side-encryption-aws-kms-key-id'
  for (const [encryption, own, ours] of [
    [{ algorithm: 'aws:kms:dsse', key: KEY_ARN }, undefined, 'aws:kms:dsse'],
    [{ algorithm: 'aws:kms', key: KEY_ARN, bucketKey: true }, 'aws:kms', 'aws:kms'],
  ]) {
    const mock = await startMock(t, { GetBucketEncryption: () => ({ body: encryptionXml(encryption) }) })
    environment(t, mock.config)
    const assets = manifest(t, `default-${encryption.algorithm.replaceAll(':', '-')}`)
    await publish(assets, new cdk.DefaultAwsClient())
    const [plain] = mock.puts()
    assert.equal(plain.headers['x-amz-server-side-encryption'], own)
    assert.equal(plain.headers['x-amz-server-side-encryption-bucket-key-enabled'], undefined)
    mock.requests.length = 0
    await publish(assets, withEncryption(new cdk.DefaultAwsClient()))
    for (const { headers } of mock.puts()) {
      assert.equal(headers['x-amz-server-side-encryption'], ours)
      assert.equal(headers[key], KEY_ARN)
      const bucketKey = headers['x-amz-server-side-encryption-bucket-key-enabled']
      assert.equal(bucketKey, encryption.bucketKey ? 'true' : undefined)
      assert.ok(headers['x-amz-checksum-sha256'], 'its ChecksumAlgorithm is kept')
    }
    assert.equal(mock.puts().length, 2)
  }
})

/** A stand-in for STS: `requests` holds the parameters and the Region of each AssumeRole. */
async function startSts(t) {
  const requests = []
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const region = request.headers.authorization.split('/')[2]
    const asked = { ...Object.fromEntries(new URLSearchParams(body)), region }
    requests.push(asked)
    const name = asked.RoleArn.split('/').at(-1).toUpperCase()
    const expiration = new Date(Date.now() + 3_600_000).toISOString()
    response.setHeader('content-type', 'text/xml')
    response.end(`<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${name}</AccessKeyId>
<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`)
  })
  return { requests, endpoint: await listen(t, server) }
}

const role = {
  region: 'cn-north-1',
  assumeRoleArn: 'arn:aws-cn:iam::111122223333:role/publish',
  assumeRoleExternalId: 'ext',
}

test(`${title}: the role and the Region of a destination`, async (t) => {
  const mock = await startMock(t)
  const sts = await startSts(t)
  environment(t, mock.config, { AWS_ENDPOINT_URL_STS: sts.endpoint })
  const assets = manifest(t, 'roles', {}, role)
  for (const config of [{}, { credentials: async () => credentials }]) {
    mock.requests.length = 0
    sts.requests.length = 0
    await publish(assets, withEncryption(new cdk.DefaultAwsClient(), { ...config, encryption: 'AES256' }))
    const [put] = mock.puts()
    assert.match(put.headers.authorization, /Credential=ASIAPUBLISH\/\d+\/cn-north-1\/s3/)
    assert.equal(put.headers['x-amz-security-token'], 't')
    for (const request of sts.requests) {
      assert.equal(request.RoleArn, role.assumeRoleArn)
      assert.equal(request.ExternalId, 'ext')
      assert.equal(request.region, 'cn-north-1')
    }
    assert.ok(sts.requests.length > 0)
  }
})

test(`${title}: destinations in parallel, each with its role or with none`, async (t) => {
  const mock = await startMock(t)
  const sts = await startSts(t)
  environment(t, mock.config, { AWS_ENDPOINT_URL_STS: sts.endpoint })
  const files = {}
  for (const name of ['one', 'two', 'none']) {
    const assumeRoleArn = name === 'none' ? undefined : `arn:aws:iam::111122223333:role/${name}`
    const destinations = { here: { bucketName: 'parallel', objectKey: name, region: 'us-east-1', assumeRoleArn } }
    files[name] = { source: { path: 'asset', packaging: 'file' }, destinations }
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-cdk-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'asset'), 'x')
  const assets = new cdk.AssetManifest(folder, { version: '54.22.0', files, dockerImages: {} })
  const aws = withEncryption(new cdk.DefaultAwsClient(), { encryption: 'AES256' })
  await new cdk.AssetPublishing(assets, { aws, quiet: true, publishInParallel: true }).publish()
  const signers = mock
    .puts()
    .map(({ path, headers }) => [path.split(/[/?]/)[2], /Credential=(\w+)/.exec(headers.authorization)[1]])
  const expected = { one: 'ASIAONE', two: 'ASIATWO', none: credentials.accessKeyId }
  assert.deepEqual(Object.fromEntries(signers), expected)
})

test(`${title}: an IAws of one's own, and what it must give`, async (t) => {
  const mock = await startMock(t)
  environment(t, mock.config)
  const base = new cdk.DefaultAwsClient()
  const aws = { s3Client: (options) => base.s3Client(options), discoverDefaultRegion: async () => 'us-east-1' }
  assert.throws(() => withEncryption(aws), { setting: 'credentials' })
  const sealed = withEncryption(aws, { credentials: { accessKeyId: 'AKIAOWN', secretAccessKey: 's' } })
  const client = await sealed.s3Client({})
  const output = await client.upload({ Bucket: 'own', Key: 'k', Body: 'x', ServerSideEncryption: 'aws:kms' })
  assert.equal(output.ServerSideEncryption, 'AES256', "the bucket's default, and not what cdk-assets read of it")
  assert.ok(output.$metadata && output.Location && output.ETag)
  assert.match(mock.puts()[0].headers.authorization, /Credential=AKIAOWN/)
  const tagged = { ...role, assumeRoleAdditionalOptions: { Tags: [{ Key: 'a', Value: 'b' }] } }
  await assert.rejects(sealed.s3Client(tagged), { setting: 'assumeRoleAdditionalOptions.Tags' })
})

test('what cannot work is an error at once', () => {
  const aws = new cdk.DefaultAwsClient()
  assert.throws(() => withEncryption({}), { name: 'InvalidParameterType', setting: 'aws' })
  assert.throws(() => withEncryption(aws, 'AES256'), { name: 'InvalidParameterType', setting: 'config' })
  assert.throws(() => withEncryption(aws, { encryption: 'AES128' }), { setting: /encryption/ })
  const encryption = { sseCustomerKey: randomBytes(32) }
  assert.throws(() => withEncryption(aws, { encryption }), { setting: 'encryption.sseCustomerKey' })
  assert.throws(() => withEncryption(aws, { encryption: { stages: { dev: 'AES256' } }, stage: 'prod' }), /prod/)
})
