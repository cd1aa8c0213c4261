// docs/plugin-authors.md: every block is run, or compiled.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { S3Client } from '@aws-sdk/client-s3'
import { cache, startLocal } from './support/local.mjs'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))
const text = readFileSync(new URL('../docs/plugin-authors.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language, code }))
const tried = new Set()
let s3
let client
let folder

before(async () => {
  s3 = await startLocal({ kms: true })
  process.env.AWS_ENDPOINT_URL_S3 = s3.endpoint
  client = new S3Client(s3.clientConfig)
  folder = mkdtempSync(path.join(tmpdir(), 'stateseal-docs-'))
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(root, path.join(folder, 'node_modules', 'stateseal'), 'junction')
})
after(async () => {
  rmSync(folder, { recursive: true })
  client.destroy()
  await s3.stop()
})

/** The functions of the block that has `name`, with what the text says that a reader has. */
function load(name, given) {
  const block = blocks.find(({ language, code }) => language === 'js' && code.includes(`function ${name}(`))
  assert.ok(block, `a block with ${name}`)
  tried.add(block)
  const { region, credentials } = s3
  const context = { require, region, credentials, client, Bucket: 'docs', settings: {}, ...given }
  return new Function(...Object.keys(context), `${block.code}\nreturn ${name}`)(...Object.values(context))
}

let buckets = 0
async function newBucket(options) {
  const name = `docs-${++buckets}`
  await s3.createBucket(name, typeof options === 'function' ? options(name) : options)
  return name
}

async function stored(bucket, key) {
  const { status, headers, body } = await s3.request({ path: `/${bucket}/${key}` })
  assert.equal(status, 200, key)
  return {
    algorithm: headers['x-amz-server-side-encryption'],
    key: headers['x-amz-server-side-encryption-aws-kms-key-id'],
    body: String(body),
  }
}

const KMS_ONLY = (name) => ({
  policy: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'KmsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${name}/*`,
        Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
      },
    ],
  },
})
const kms = () => ({ serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn })

test('a put is replaced', async () => {
  const Bucket = await newBucket()
  await load('writeState', { Bucket })({ resources: 1 })
  const { algorithm, body } = await stored(Bucket, 'orders/state.json')
  assert.deepEqual([algorithm, body], ['AES256', '{"resources":1}'])
  const file = path.join(folder, 'artifact.zip')
  writeFileSync(file, 'PK')
  await load('writeArtifacts', { Bucket, settings: { encryption: kms() } })([file])
  assert.equal((await stored(Bucket, `orders/${file}`)).key, s3.kms.keyArn)
})

test("the SDK's own put is kept, verified and explained", async () => {
  const Bucket = await newBucket(KMS_ONLY)
  const report = await load('putState', { Bucket, settings: { encryption: kms() } })('k', '{}')
  assert.equal(report.compared.key, 'equal')
  const refused = load('putState', { Bucket, settings: { encryption: 'AES256' } })('k', '{}')
  await assert.rejects(refused, (error) => error.name === 'AccessDenied' && /statement KmsOnly/.test(error.hint))
  const sealed = load('seal', { client: new S3Client(s3.clientConfig), settings: { encryption: kms() } })()
  await load('putState', { Bucket, client: sealed, settings: { encryption: kms() } })('sealed', '{}')
  sealed.destroy()
})

test('a put is sent by fetch', async () => {
  const Bucket = await newBucket()
  await load('sendState', { Bucket, settings: { encryption: 'AES256' } })('k', { sent: true })
  const { algorithm, body } = await stored(Bucket, 'k')
  assert.deepEqual([algorithm, body], ['AES256', '{"sent":true}'])
})

test('fields and headers alone', () => {
  const { create, part, headers } = load('requests', { settings: { encryption: kms(), stage: 'dev' } })()
  assert.equal(create.SSEKMSKeyId, s3.kms.keyArn)
  assert.deepEqual(part, {})
  assert.equal(headers['x-amz-server-side-encryption'], 'aws:kms')
})

test('what SSE-C stored is read back', async () => {
  const Bucket = await newBucket()
  const settings = { encryption: { sseCustomerKey: randomBytes(32) } }
  const { uploadState } = require('stateseal')
  const config = { ...s3.clientConfig, ...settings, allowInsecureLoopback: true }
  await uploadState({ Bucket, Key: 'own', State: { own: 1 } }, config)
  assert.deepEqual(await load('readState', { Bucket, settings })('own'), { own: 1 })
  await uploadState({ Bucket, Key: 'plain', State: { own: 0 } }, s3.clientConfig)
  assert.deepEqual(await load('readState', { Bucket })('plain'), { own: 0 })
})

test('each stage has its setting', async () => {
  const Bucket = await newBucket()
  const writeStage = load('writeStage', { Bucket, settings: { prodKey: s3.kms.keyArn } })
  for (const stage of ['dev', 'prod']) await writeStage(stage, {})
  assert.equal((await stored(Bucket, 'orders/dev/state.json')).algorithm, 'AES256')
  assert.equal((await stored(Bucket, 'orders/prod/state.json')).key, s3.kms.keyArn)
})

test('the message has the hint', async () => {
  const Bucket = await newBucket(KMS_ONLY)
  const deploy = load('deploy', { Bucket, settings: { encryption: 'AES256' } })
  await assert.rejects(deploy({}), { code: 'AccessDenied', message: /could not be stored: .*statement KmsOnly/ })
})

test('the test of a plugin passes', async () => {
  const block = blocks.find(({ code }) => code.startsWith('// state.test.mjs'))
  tried.add(block)
  writeFileSync(path.join(folder, 'state.test.mjs'), block.code)
  const env = { ...process.env, STATESEAL_CACHE: cache, AWS_ENDPOINT_URL_S3: '', NODE_TEST_CONTEXT: undefined }
  const { stdout } = await run(process.execPath, ['--no-warnings', '--test', 'state.test.mjs'], { cwd: folder, env })
  assert.match(stdout, /pass 1/)
})

test('the types compile', async () => {
  const block = blocks.find(({ language }) => language === 'ts')
  tried.add(block)
  writeFileSync(path.join(folder, 'plugin.ts'), block.code)
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', 'plugin.ts']
  await run(process.execPath, [tsc, ...options], { cwd: folder }).catch((error) => assert.fail(error.stdout))
})

test('no block is left out, and the links lead somewhere', () => {
  assert.deepEqual(
    blocks.filter((block) => !tried.has(block)).map(({ code }) => code),
    [],
  )
  for (const [, link] of text.matchAll(/\]\((\.\.\/[^)#]+)\)/g)) readFileSync(path.join(root, 'docs', link))
})
