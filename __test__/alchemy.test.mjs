// Real apps of alchemy on Node, with their state on the real server.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { withEncryption } from 'stateseal/alchemy'
import { framework, titleOf } from './support/frameworks.mjs'
import { startLocal } from './support/local.mjs'
import { rejection } from './support/mock.mjs'

const title = titleOf('alchemy')
const root = fileURLToPath(new URL('..', import.meta.url))
let alchemy
let s3
let sdk
let folder

// No app.finalize(): with an S3StateStore of 0.94 it takes the stage's resources for orphans and fails.
const APP = `import alchemy, { Resource } from 'alchemy'
import { S3StateStore } from 'alchemy/aws'
import { withEncryption } from 'stateseal/alchemy'

const Counter = Resource('test::Counter', async function (id, { count }) {
  return { count, before: this.output?.count }
})
const { bucketName, config, stage } = JSON.parse(process.env.SETTINGS)
await alchemy('orders', {
  stage,
  telemetry: false,
  quiet: true,
  stateStore: (scope) => {
    const store = new S3StateStore(scope, { bucketName })
    return config ? withEncryption(store, config) : store
  },
})
const { count, before } = await Counter('counter', { count: Number(process.argv[2]) })
console.log(JSON.stringify({ count, before }))`

before(async () => {
  alchemy = await framework('alchemy')
  s3 = await startLocal({ kms: true, tls: true })
  sdk = new S3Client({ ...s3.clientConfig, requestHandler: { httpsAgent: new https.Agent({ ca: s3.ca }) } })
  folder = mkdtempSync(path.join(tmpdir(), 'stateseal-alchemy-'))
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(root, path.join(folder, 'node_modules', 'stateseal'), 'junction')
  symlinkSync(
    path.join(alchemy.folder, 'node_modules', 'alchemy'),
    path.join(folder, 'node_modules', 'alchemy'),
    'junction',
  )
  writeFileSync(path.join(folder, 'ca.pem'), s3.ca)
  writeFileSync(path.join(folder, 'app.mjs'), APP)
})
after(async () => {
  if (folder) rmSync(folder, { recursive: true })
  sdk?.destroy()
  await s3?.stop()
})

/** Deploys the app: what it printed, or the error that ended it. */
function deploy(bucketName, count, config, stage = 'dev') {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
    ALCHEMY_TELEMETRY_DISABLED: '1',
    SETTINGS: JSON.stringify({ bucketName, config, stage }),
  }
  return new Promise((resolve) => {
    execFile(process.execPath, ['--no-warnings', 'app.mjs', count], { cwd: folder, env }, (error, stdout, stderr) => {
      const state = /\{"count".*/.exec(stdout)?.[0]
      resolve(error ? { error: stderr } : { ...JSON.parse(state), told: stdout + stderr })
    })
  })
}

let buckets = 0
async function newBucket(Condition) {
  const name = `alchemy-${++buckets}`
  const deny = { Sid: 'DenyUnencrypted', Effect: 'Deny', Principal: '*', Action: 's3:PutObject' }
  const Statement = [{ ...deny, Resource: `arn:aws:s3:::${name}/*`, Condition }]
  await s3.createBucket(name, Condition && { policy: { Version: '2012-10-17', Statement } })
  return name
}
const NEEDS_HEADER = { StringNotEquals: { 's3:x-amz-server-side-encryption': ['AES256', 'aws:kms'] } }

const stored = (Bucket, stage = 'dev') =>
  sdk.send(new GetObjectCommand({ Bucket, Key: `alchemy/orders/${stage}/counter` }))

test(`${title}: a policy that demands the header refuses its own put, and passes with the wrapper`, async () => {
  const bucket = await newBucket(NEEDS_HEADER)
  assert.match((await deploy(bucket, 1)).error, /AccessDenied/)
  assert.equal((await deploy(bucket, 1, {})).count, 1)
  assert.equal((await deploy(bucket, 2, {})).before, 1, 'the state was read back')
  const { ServerSideEncryption, ContentType } = await stored(bucket)
  assert.deepEqual(
    { ServerSideEncryption, ContentType },
    { ServerSideEncryption: 'AES256', ContentType: 'application/json' },
  )
  const refused = await deploy(bucket, 3, { encryption: 'bucket-default' })
  assert.match(refused.error, /AccessDenied: .*statement DenyUnencrypted; it accepts/)
})

test(`${title}: the stage of the scope selects`, async () => {
  const bucket = await newBucket()
  const prod = { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }
  const encryption = { stages: { dev: 'AES256', prod } }
  for (const stage of ['dev', 'prod']) assert.equal((await deploy(bucket, 1, { encryption }, stage)).count, 1)
  assert.equal((await stored(bucket)).ServerSideEncryption, 'AES256')
  assert.equal((await stored(bucket, 'prod')).SSEKMSKeyId, s3.kms.keyArn)
  assert.match((await deploy(bucket, 1, { encryption }, 'prd')).error, /prd/)
})

test(`${title}: SSE-C is written and read back`, async () => {
  const bucket = await newBucket()
  const key = randomBytes(32).toString('base64')
  const config = { encryption: { sseCustomerKey: key } }
  await deploy(bucket, 1, config)
  const second = await deploy(bucket, 2, config)
  assert.equal(second.before, 1)
  assert.ok(!second.told.includes(key))
  assert.equal((await rejection(() => stored(bucket))).$metadata.httpStatusCode, 400)
})

test('what cannot work is an error at once', () => {
  const client = new S3Client(s3.clientConfig)
  assert.throws(() => withEncryption({}), { name: 'InvalidParameterType', setting: 'store' })
  assert.throws(() => withEncryption({ client }, 'AES256'), { name: 'InvalidParameterType', setting: 'config' })
  assert.throws(() => withEncryption({ client }, { encryption: 'AES128' }), { setting: /encryption/ })
})
