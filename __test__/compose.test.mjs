// The real CLI of @osls/compose with remote state on the real server.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { framework, titleOf } from './support/frameworks.mjs'
import { startLocal } from './support/local.mjs'
import { rejection } from './support/mock.mjs'

const require = createRequire(import.meta.url)
const title = titleOf('compose')
const root = fileURLToPath(new URL('..', import.meta.url))
let compose
let s3
let sdk

before(async () => {
  compose = await framework('compose')
  s3 = await startLocal({ kms: true, tls: true })
  sdk = new S3Client({ ...s3.clientConfig, requestHandler: { httpsAgent: { ca: s3.ca } } })
})
after(async () => {
  sdk?.destroy()
  await s3?.stop()
})

const COMPONENT = `module.exports = class Counter {
  constructor(id, context) {
    this.context = context
  }
  async deploy() {
    this.context.startProgress('deploying')
    this.context.state = { deploys: (this.context.state.deploys ?? 0) + 1 }
    await this.context.save()
    await this.context.updateOutputs({ deploys: String(this.context.state.deploys) })
    this.context.successProgress('deployed')
  }
}`

/** A compose project; `run(...arguments)` is its CLI, `evaluate(script)` Node in its folder. */
function project(t, state, line = "require('stateseal/compose')", more = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-compose-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const name of ['counter', 'node_modules', 'home']) mkdirSync(path.join(folder, name))
  symlinkSync(root, path.join(folder, 'node_modules', 'stateseal'), 'junction')
  const services = { counter: { component: './component.js', path: 'counter' } }
  const files = {
    'component.js': COMPONENT,
    'serverless-compose.js': `${line}\nmodule.exports = ${JSON.stringify({ state, services })}`,
    'ca.pem': s3.ca,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  const env = () => ({
    PATH: process.env.PATH,
    HOME: path.join(folder, 'home'),
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    SLS_AWS_REQUEST_MAX_RETRIES: '0',
    cafile: path.join(folder, 'ca.pem'),
    ...more,
  })
  const node = (args) =>
    new Promise((resolve) => {
      execFile(process.execPath, ['--no-warnings', ...args], { cwd: folder, env: env() }, (error, stdout, stderr) => {
        resolve({ status: error ? error.code : 0, stdout, told: stdout + stderr })
      })
    })
  const cli = path.join(path.dirname(compose.require.resolve('@osls/compose/package.json')), 'bin/serverless-compose')
  return {
    folder,
    run: (...args) => node([cli, ...args]),
    evaluate: async (script) => (await node(['-e', script])).stdout,
  }
}

let buckets = 0
async function newBucket(Condition) {
  const name = `compose-${++buckets}`
  const deny = { Sid: 'DenyUnencrypted', Effect: 'Deny', Principal: '*', Action: 's3:PutObject' }
  const Statement = [{ ...deny, Resource: `arn:aws:s3:::${name}/*`, Condition }]
  await s3.createBucket(name, Condition && { policy: { Version: '2012-10-17', Statement } })
  return { backend: 's3', existingBucket: name, prefix: 'orders' }
}
const NEEDS_HEADER = { StringNotEquals: { 's3:x-amz-server-side-encryption': ['AES256', 'aws:kms'] } }

const stored = (state, stage) =>
  sdk.send(new HeadObjectCommand({ Bucket: state.existingBucket, Key: `orders/${stage}/state.json` }))

test(`${title}: the policy of #12915 refuses its own put, and passes with one line`, async (t) => {
  const state = await newBucket(NEEDS_HEADER)
  const without = await project(t, state, '').run('deploy')
  assert.equal(without.status, 1)
  assert.match(without.told, /Could not update state in remote S3 bucket: Access Denied/)
  const sealed = project(t, state)
  for (let deploys = 1; deploys <= 2; deploys++) {
    const { status, told } = await sealed.run('deploy')
    assert.equal(status, 0, told)
  }
  assert.match((await sealed.run('outputs')).told, /deploys: 2/, 'the state of the first deploy was read by the second')
  assert.equal((await stored(state, 'dev')).ServerSideEncryption, 'AES256')
})

test(`${title}: one setting for each stage, from --stage; a stage without one sends nothing`, async (t) => {
  const state = await newBucket()
  const prod = { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn, encryptionContext: { app: 'orders' } }
  const { run } = project(t, { ...state, encryption: { stages: { dev: 'AES256', prod } } })
  for (const stage of ['dev', 'prod']) assert.equal((await run('deploy', '--stage', stage)).status, 0)
  assert.equal((await stored(state, 'dev')).ServerSideEncryption, 'AES256')
  assert.equal((await stored(state, 'prod')).SSEKMSKeyId, s3.kms.keyArn)
  const unknown = await run('deploy', '--stage', 'prd')
  assert.equal(unknown.status, 1)
  assert.match(unknown.told, /Invalid "state" configuration: .*prd/)
  assert.equal((await rejection(() => stored(state, 'prd'))).name, 'NotFound')
})

test(`${title}: SSE-C is written and read back, and its key is nowhere to be seen`, async (t) => {
  const key = randomBytes(32)
  const state = await newBucket()
  const before = await project(t, state).run('deploy')
  assert.equal(before.status, 0, before.told)
  const { run, folder } = project(t, { ...state, encryption: { sseCustomerKey: key.toString('base64') } })
  let told = ''
  for (const command of ['deploy', 'deploy', 'outputs']) {
    const result = await run(command)
    assert.equal(result.status, 0, result.told)
    told += result.told
  }
  assert.match(told, /deploys: 3/, 'also of the state that was stored before there was a key')
  const logs = readdirSync(path.join(folder, '.serverless')).map((name) =>
    readFileSync(path.join(folder, '.serverless', name), 'utf8'),
  )
  assert.ok(![told, ...logs].some((text) => text.includes(key.toString('base64'))))
  const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: key.toString('base64') }
  customer.SSECustomerKeyMD5 = createHash('md5').update(key).digest('base64')
  const place = { Bucket: state.existingBucket, Key: 'orders/dev/state.json' }
  const read = await sdk.send(new GetObjectCommand({ ...place, ...customer }))
  assert.equal(JSON.parse(await read.Body.transformToString()).components.counter.state.deploys, 3)
  assert.equal((await rejection(() => sdk.send(new GetObjectCommand(place)))).$metadata.httpStatusCode, 400)
})

test(`${title}: a refusal shows what to change, and local state stays local`, async (t) => {
  const state = await newBucket(NEEDS_HEADER)
  const refused = await project(t, { ...state, encryption: 'bucket-default' }).run('deploy')
  assert.equal(refused.status, 1)
  assert.match(refused.told, /Could not update state in remote S3 bucket: .*statement DenyUnencrypted; it accepts/)
  const local = project(t, undefined)
  assert.equal((await local.run('deploy')).status, 0)
  assert.ok(readdirSync(path.join(local.folder, '.serverless')).includes('state.dev.json'))
})

test(`${title}: the errors are its own, with its codes`, async (t) => {
  const state = { ...(await newBucket(NEEDS_HEADER)), encryption: 'bucket-default' }
  const { evaluate } = project(t, state)
  const script = (encryption) => `
    const Context = require(${JSON.stringify(compose.require.resolve('@osls/compose/src/Context.js'))})
    require('stateseal/compose')
    const state = { ...${JSON.stringify(state)}, encryption: ${JSON.stringify(encryption)} }
    new Context({ stage: 'dev', disableIO: true, configuration: { state } }).init()
      .catch(({ name, code, message }) => console.log(JSON.stringify({ name, code, message })))`
  const refused = JSON.parse(await evaluate(script('bucket-default')))
  assert.equal(`${refused.name} ${refused.code}`, 'ServerlessError CANNOT_UPDATE_S3_REMOTE_STATE')
  assert.match(refused.message, /it accepts .*AES256/)
  const wrong = JSON.parse(await evaluate(script({ sseKMSKeyId: 'alias/state' })))
  assert.equal(`${wrong.name} ${wrong.code}`, 'ServerlessError INVALID_STATE_CONFIGURATION')
  assert.match(wrong.message, /encryption/)
  const misplaced = await project(t, { ...state, sseKMSKeyId: 'alias/state' }).run('deploy')
  assert.match(misplaced.told, /state\.sseKMSKeyId is not read\. Put it into state\.encryption/)
})

test(`${title}: the proxy that it uses itself`, async (t) => {
  const { port } = new URL(s3.endpoint)
  const opened = []
  const proxy = http.createServer().on('connect', ({ url }, socket) => {
    opened.push(url)
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const one of [socket, onward]) one.on('error', () => {})
  })
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.after(() => proxy.close())
  // Nobody listens there: all that arrives has come through the proxy.
  const more = { AWS_ENDPOINT_URL_S3: 'https://127.0.0.1:9', HTTP_PROXY: `http://127.0.0.1:${proxy.address().port}` }
  const state = await newBucket()
  const { run, folder } = project(t, state, undefined, more)
  // For the proxy's tunnel compose forgets its `cafile`.
  more.NODE_EXTRA_CA_CERTS = path.join(folder, 'ca.pem')
  const { status, told } = await run('deploy')
  assert.equal(status, 0, told)
  assert.ok(opened.length > 0 && opened.every((url) => url === '127.0.0.1:9'))
  assert.equal((await stored(state, 'dev')).ServerSideEncryption, 'AES256')
})

test('without compose in the process, loading the adapter is an error that says so', () => {
  assert.throws(() => require('stateseal/compose'), { name: 'HostNotFound', message: /serverless-compose\.js/ })
})
