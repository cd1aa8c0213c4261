// Who signs: everything that the AWS SDK for JavaScript knows, beside the SDK itself.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { StateUploader, uploadState } from 'stateseal'
import { environment } from './support/environment.mjs'
import { listen } from './support/listen.mjs'
import { encryptionXml, rejection, startMock, xmlError } from './support/mock.mjs'
import { accept, settle, startRecorder } from './support/recorder.mjs'

const input = { Bucket: 'b', Key: 'k', Body: 'x' }
const keys = (name, more) => ({ accessKeyId: `AKIA${name}`, secretAccessKey: 'not-a-secret', ...more })
const caller = ({ headers }) => [headers.authorization.match(/Credential=([^/]+)/)[1], headers['x-amz-security-token']]
const minutes = (n) => new Date(Date.now() + n * 60_000)

let folder
let count = 0
before((t) => {
  folder = mkdtempSync(path.join(tmpdir(), 'stateseal-credentials-'))
  t.after(() => rmSync(folder, { recursive: true }))
})

/** A new file, for the SDK remembers what it has read. */
function file(content) {
  const name = path.join(folder, `file-${++count}`)
  writeFileSync(name, content)
  return name
}

/** Files of profiles, as variables. */
const profiles = (config, credentials = '') => ({
  AWS_CONFIG_FILE: file(config),
  AWS_SHARED_CREDENTIALS_FILE: file(credentials),
})

async function startServer(t, answer) {
  const requests = []
  const server = http.createServer((request, response) => {
    requests.push({ method: request.method, path: request.url, headers: request.headers })
    const { status = 200, headers, body = '' } = answer(requests.at(-1)) ?? { status: 404 }
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  })
  return { url: await listen(t, server), requests }
}

/** Sends with the SDK and with stateseal, both without credentials in their configuration. */
async function bothCallers(mock, config = {}) {
  const { credentials: _, ...settings } = { ...mock.config, ...config }
  const client = new S3Client(settings)
  const theirs = await settle(() => client.send(new PutObjectCommand(input)))
  client.destroy()
  assert.ifError(theirs.error)
  await uploadState(input, { ...settings, encryption: 'AES256' })
  const [sdk, own] = mock.puts().slice(-2)
  assert.deepEqual(caller(own), caller(sdk))
  return caller(own)
}

test('an object, a function, a promise of one, and credentials of SDK v2', async (t) => {
  const mock = await startMock(t)
  const v2 = Object.defineProperty({ accessKeyId: 'AKIAV2', sessionToken: 'T' }, 'secretAccessKey', { value: 's' })
  v2.getPromise = async () => {}
  const refreshed = { getPromise: async () => Object.assign(refreshed, keys('LATE')) }
  for (const [credentials, expected] of [
    [keys('STATIC'), ['AKIASTATIC', undefined]],
    [keys('TOKEN', { sessionToken: 'T' }), ['AKIATOKEN', 'T']],
    [() => keys('SYNC'), ['AKIASYNC', undefined]],
    [async () => keys('ASYNC', { expiration: minutes(60), accountId: '1' }), ['AKIAASYNC', undefined]],
    [v2, ['AKIAV2', 'T']],
    [refreshed, ['AKIALATE', undefined]],
  ]) {
    await uploadState(input, { ...mock.config, credentials, encryption: 'AES256' })
    assert.deepEqual(caller(mock.puts().at(-1)), expected)
  }
})

test('a function is asked once for uploads that wait, and again only near the end', async (t) => {
  const mock = await startMock(t)
  const asked = (lasts) => {
    const provider = async () => {
      provider.count++
      return keys(`N${provider.count}`, lasts && { expiration: minutes(lasts) })
    }
    provider.count = 0
    return provider
  }
  for (const [lasts, times] of [
    [60, 1],
    [6, 1],
    [4, 3],
  ]) {
    const credentials = asked(lasts)
    const uploader = new StateUploader({ ...mock.config, credentials, encryption: 'AES256' })
    await Promise.all([uploader.upload(input), uploader.upload(input), uploader.upload(input)])
    await uploader.upload(input)
    await uploader.upload(input)
    uploader.destroy()
    assert.equal(credentials.count, times, `${lasts} minutes`)
    assert.equal(caller(mock.puts().at(-1))[0], `AKIAN${times}`)
  }
})

test('a function is asked again during a long upload, as in the SDK', async (t) => {
  const MIB = 1024 * 1024
  const params = { Bucket: 'b', Key: 'k', Body: Buffer.alloc(12 * MIB) }
  const isCreate = ({ query }) => query.has('uploads')
  const isPart = (number) => (request) => request.query.get('partNumber') === String(number)
  /** Each of its answers ends; the first so that it is asked again one second from now. */
  const ending = (fails = false) => {
    const provider = async () => {
      provider.count++
      if (fails && provider.count > 1) throw new Error('vault is sealed')
      const expiration = provider.count === 1 ? new Date(Date.now() + 5 * 60_000 + 1000) : minutes(60)
      return keys(`N${provider.count}`, { sessionToken: `T${provider.count}`, expiration })
    }
    provider.count = 0
    return provider
  }
  const recorder = await startRecorder(t)
  const slowPart = async (request) => {
    if (isPart(1)(request)) await new Promise((resolve) => setTimeout(resolve, 1500))
    return accept(request)
  }
  const callers = () => {
    const seen = recorder.take()
    const of = (filter) => seen.filter(filter).map((request) => caller(request).join())
    const others = of(({ method, query }) => method !== 'PUT' && query.has('uploadId'))
    return [...of(isCreate), ...of(isPart(1)), ...of(isPart(2)), ...others]
  }
  const [old, fresh] = ['AKIAN1,T1', 'AKIAN2,T2']
  const config = { ...recorder.config, maxAttempts: 1 }
  const ours = (credentials) => uploadState(params, { ...config, credentials, encryption: 'AES256', queueSize: 1 })

  recorder.answer = slowPart
  const client = new S3Client({ ...config, credentials: ending() })
  await new Upload({ client, params, queueSize: 1 }).done()
  client.destroy()
  assert.deepEqual(callers(), [old, old, fresh, fresh])
  await ours(ending())
  assert.deepEqual(callers(), [old, old, fresh, fresh])

  recorder.answer = (request) =>
    isPart(2)(request) ? { status: 403, body: xmlError('AccessDenied') } : slowPart(request)
  await rejection(() => ours(ending()))
  assert.deepEqual(callers(), [old, old, fresh, fresh], 'what was sent is removed with the new ones')

  recorder.answer = slowPart
  await ours(ending(true))
  assert.deepEqual(callers(), [old, old, old, old], 'the old ones hold for five minutes more')

  const Body = new PassThrough()
  const slow = uploadState({ ...params, Body }, { ...config, credentials: ending(), encryption: 'AES256' })
  setTimeout(() => Body.end('x'), 1500)
  await slow
  assert.deepEqual(recorder.take().map(caller), [['AKIAN2', 'T2']], 'a put whose body was slow')
})

test('waiting for the end of credentials does not keep the process', async (t) => {
  const mock = await startMock(t)
  const script = `
    const { uploadState } = require('stateseal')
    const credentials = async () => ({ accessKeyId: 'a', secretAccessKey: 's', expiration: new Date(Date.now() + 400_000) })
    uploadState({ Bucket: 'b', Key: 'k' }, { ...${JSON.stringify(mock.config)}, credentials }).then(() => console.log('done'))`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const child = spawn(process.execPath, ['-e', script], { cwd, timeout: 20_000 })
  const output = Buffer.concat(await child.stdout.toArray()).toString()
  const [code] = child.exitCode === null ? await once(child, 'close') : [child.exitCode]
  assert.deepEqual([code, output], [0, 'done\n'])
})

test("a function's error is passed on as the same object, and does not stick", async (t) => {
  const mock = await startMock(t)
  const own = new Error('vault is sealed')
  let fails = true
  const sync = () => {
    if (fails) throw own
    return keys('AFTER')
  }
  for (const credentials of [sync, async () => sync()]) {
    fails = true
    assert.equal(await rejection(() => uploadState(input, { ...mock.config, credentials, encryption: 'AES256' })), own)
    assert.equal(own.hint, undefined, 'as it was')
    fails = false
    await uploadState(input, { ...mock.config, credentials, encryption: 'AES256' })
  }
  for (const wrong of [undefined, null, 'AKIA', {}]) {
    const error = await rejection(() => uploadState(input, { ...mock.config, credentials: async () => wrong }))
    assert.match(error.setting, /^credentials/)
  }
})

test('keys in the environment; when they change, the next upload has the new ones', async (t) => {
  const mock = await startMock(t)
  const set = environment(t, { AWS_EC2_METADATA_DISABLED: 'true', ...profiles('') })
  set({ AWS_ACCESS_KEY_ID: 'AKIAONE', AWS_SECRET_ACCESS_KEY: 's' })
  assert.deepEqual(await bothCallers(mock), ['AKIAONE', undefined])
  set({ AWS_ACCESS_KEY_ID: 'AKIATWO', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 'T2' })
  assert.deepEqual(await bothCallers(mock), ['AKIATWO', 'T2'])
})

test('profiles: of both files, chosen by AWS_PROFILE or the setting, and above keys in the environment', async (t) => {
  const mock = await startMock(t)
  const entry = (name) => `aws_access_key_id = AKIA${name}\naws_secret_access_key = s\n`
  const files = profiles(
    `[default]\n${entry('CONFIGDEFAULT')}[profile a]\n${entry('CONFIGA')}[profile both]\n${entry('WRONG')}`,
    `[both]\n${entry('BOTH')}[b]\n${entry('B')}aws_session_token = TB\n`,
  )
  const set = environment(t, { AWS_EC2_METADATA_DISABLED: 'true', ...files })
  const environmentKeys = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' }
  set()
  assert.deepEqual(await bothCallers(mock), ['AKIACONFIGDEFAULT', undefined])
  for (const [AWS_PROFILE, expected] of [
    ['a', ['AKIACONFIGA', undefined]],
    ['both', ['AKIABOTH', undefined]],
    ['b', ['AKIAB', 'TB']],
  ]) {
    set({ AWS_PROFILE })
    assert.deepEqual(await bothCallers(mock), expected)
    set({ AWS_PROFILE, ...environmentKeys })
    assert.deepEqual(await bothCallers(mock), expected, 'above keys')
    set(environmentKeys)
    assert.deepEqual(await bothCallers(mock, { profile: AWS_PROFILE }), expected, 'the setting')
  }
  set(environmentKeys)
  assert.deepEqual(await bothCallers(mock), ['AKIAENV', undefined])
})

test('an empty AWS_PROFILE is none, and a file may begin with a byte order mark', async (t) => {
  const mock = await startMock(t)
  const profile = '[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n'
  const set = environment(t, { AWS_EC2_METADATA_DISABLED: 'true' })
  set({ ...profiles(profile), AWS_PROFILE: '' })
  assert.deepEqual(await bothCallers(mock), ['AKIADEFAULT', undefined])
  set(profiles(`\ufeff${profile}`))
  assert.deepEqual(await bothCallers(mock), ['AKIADEFAULT', undefined])
  const latin = file('')
  writeFileSync(latin, Buffer.concat([Buffer.from('# f\xfcr\n', 'latin1'), Buffer.from(profile)]))
  set({ ...profiles(''), AWS_CONFIG_FILE: latin })
  assert.deepEqual(await bothCallers(mock), ['AKIADEFAULT', undefined])
})

test('lines that mean nothing, and lines in odd places, do not take the file away', async (t) => {
  const mock = await startMock(t)
  const { region: _, ...config } = mock.config
  const set = environment(t, { AWS_EC2_METADATA_DISABLED: 'true' })
  const [id, secret] = ['aws_access_key_id = AKIAFILE', 'aws_secret_access_key = s']
  const region = 'region = eu-west-1'
  for (const text of [
    `[default]\n${id}\nstray\n${secret}\n${region}\n`,
    `[default]\n  ${id}\n  ${secret}\n  ${region}\n`,
    `[default]\n${id}\n  ${secret}\n\t${region}\n`,
    `${region}\nhello = world\n[default]\n${id}\n${secret}\n${region}\n`,
    `[default]\n${id}\n${secret}\n${region}\n[profile other\n`,
    `[default]\n${id}\n[other\n${secret}\n${region}\n`,
    `[default]\n= nothing\n${id}\n${secret}\n${region}\n[x = y\n`,
    `  [default]\n${id} # mine\n${secret}\n${region}\t; there\n`,
    `[profile 'default']\n${id}\n${secret}\n${region}\n[what ever]\nregion = no-where-1\n`,
    `[default]\ns3 =\n  region = no-where-1\n${id}\n${secret}\n${region}\naws_session_token =\n`,
  ]) {
    set(profiles(text))
    assert.deepEqual(await bothCallers({ config, puts: mock.puts }), ['AKIAFILE', undefined], text)
    const regions = mock
      .puts()
      .slice(-2)
      .map(({ headers }) => headers.authorization.split('/')[2])
    assert.deepEqual(regions, ['eu-west-1', 'eu-west-1'], text)
  }
})

test('an empty session token is none, an empty Region too', async (t) => {
  const mock = await startMock(t)
  const credentials = { ...mock.config.credentials, sessionToken: '' }
  await uploadState(input, { ...mock.config, credentials })
  assert.equal(mock.puts().at(-1).headers['x-amz-security-token'], undefined)
  const { region: _, ...config } = mock.config
  environment(t)(profiles('[default]\nregion =\n'))
  const error = await rejection(() => uploadState(input, config))
  assert.match(error.message, /region is missing/)
})

test('credential_process', async (t) => {
  const mock = await startMock(t)
  const answer = { Version: 1, AccessKeyId: 'AKIAPROCESS', SecretAccessKey: 's', SessionToken: 'TP' }
  const script = file(`console.log(${JSON.stringify(JSON.stringify(answer))})`)
  const set = environment(t, { AWS_EC2_METADATA_DISABLED: 'true' })
  set(profiles(`[default]\ncredential_process = "${process.execPath}" "${script}"\n`))
  assert.deepEqual(await bothCallers(mock), ['AKIAPROCESS', 'TP'])
})

test('a container, with its token, on loopback', async (t) => {
  const mock = await startMock(t)
  const container = await startServer(t, ({ headers }) =>
    headers.authorization === 'container-token'
      ? {
          body: JSON.stringify({
            AccessKeyId: 'ASIACONTAINER',
            SecretAccessKey: 's',
            Token: 'TC',
            Expiration: minutes(60).toISOString(),
          }),
        }
      : { status: 403 },
  )
  environment(t)({
    ...profiles(''),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'container-token',
  })
  assert.deepEqual(await bothCallers(mock), ['ASIACONTAINER', 'TC'])
})

test('instance metadata, asked with a session token', async (t) => {
  const mock = await startMock(t)
  const role = {
    Code: 'Success',
    LastUpdated: new Date().toISOString(),
    Type: 'AWS-HMAC',
    AccessKeyId: 'ASIAINSTANCE',
    SecretAccessKey: 's',
    Token: 'TI',
    Expiration: minutes(60).toISOString(),
  }
  const instance = await startServer(t, ({ method, path, headers }) => {
    if (method === 'PUT' && path === '/latest/api/token') {
      return { headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' }, body: 'session' }
    }
    if (headers['x-aws-ec2-metadata-token'] !== 'session') return { status: 401 }
    if (/\/security-credentials\/$/.test(path)) return { body: 'role' }
    if (/\/security-credentials\/role$/.test(path)) return { body: JSON.stringify(role) }
  })
  const settings = { ...profiles(''), AWS_EC2_METADATA_SERVICE_ENDPOINT: instance.url }
  const set = environment(t)
  set(settings)
  assert.deepEqual(await bothCallers(mock), ['ASIAINSTANCE', 'TI'])
  instance.requests.length = 0
  set({ ...settings, AWS_EC2_METADATA_DISABLED: 'true' })
  const { credentials: _, ...config } = mock.config
  await rejection(() => uploadState(input, { ...config, encryption: 'AES256' }))
  assert.equal(instance.requests.length, 0, 'not where it is disabled')
})

test('none at all: CredentialsProviderError, soon', async (t) => {
  const mock = await startMock(t)
  const { credentials: _, ...config } = mock.config
  const set = environment(t, profiles(''))
  for (const variables of [
    { AWS_EC2_METADATA_DISABLED: 'true' },
    { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' },
    { AWS_EC2_METADATA_DISABLED: 'true', AWS_PROFILE: 'missing' },
    { AWS_EC2_METADATA_DISABLED: 'true', AWS_ACCESS_KEY_ID: 'AKIAHALF' },
  ]) {
    set(variables)
    const client = new S3Client(config)
    const theirs = await rejection(() => client.send(new PutObjectCommand(input)))
    client.destroy()
    const began = Date.now()
    const ours = await rejection(() => uploadState(input, { ...config, encryption: 'AES256' }))
    assert.ok(Date.now() - began < 5000)
    for (const field of ['name', 'message', 'tryNextLink']) assert.equal(ours[field], theirs[field], field)
    assert.match(ours.hint, /AWS_PROFILE|aws sso login/)
  }
  assert.equal(mock.requests.length, 0)
})

test('an SSO session that has ended is told as such', async (t) => {
  const mock = await startMock(t)
  const { credentials: _, ...config } = mock.config
  const sso = 'sso_account_id = 111122223333\nsso_role_name = r\n'
  const session = '[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://sso.invalid/start\n'
  const set = environment(t, { AWS_EC2_METADATA_DISABLED: 'true', HOME: folder, AWS_PROFILE: 'p' })
  const start = 'https://sso.invalid/start'
  const cache = path.join(folder, '.aws', 'sso', 'cache')
  mkdirSync(cache, { recursive: true })
  const ended = JSON.stringify({ accessToken: 'planted', expiresAt: '2020-01-01T00:00:00Z', startUrl: start })
  writeFileSync(path.join(cache, `${createHash('sha1').update('s').digest('hex')}.json`), ended)
  for (const [profile, problem] of [
    [`[profile p]\nsso_session = s\n${sso}${session}`, /has expired/],
    [`[profile p]\nsso_session = never\n${sso}${session.replace(' s]', ' never]')}`, /not found or is invalid/],
  ]) {
    set(profiles(profile))
    const client = new S3Client(config)
    const theirs = await rejection(() => client.send(new PutObjectCommand(input)))
    client.destroy()
    const ours = await rejection(() => uploadState(input, { ...config, encryption: 'AES256' }))
    assert.match(theirs.name, /^(CredentialsProviderError|TokenProviderError)$/)
    assert.equal(ours.name, 'CredentialsProviderError')
    assert.match(ours.message, problem)
    assert.match(ours.message, /SSO session associated with this profile .*run aws sso login/)
    assert.doesNotMatch(JSON.stringify(ours), /planted/)
    assert.match(ours.hint, /aws sso login/)
  }
  assert.equal(mock.requests.length, 0)
})

test("a worker thread's own environment", async (t) => {
  const mock = await startMock(t)
  const { credentials: _, region: __, ...config } = mock.config
  environment(t)({ AWS_ACCESS_KEY_ID: 'AKIAMAIN', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'us-east-1' })
  const run = async (env) => {
    const script = `
      const { parentPort, workerData } = require('node:worker_threads')
      const { uploadState } = require(workerData.main)
      uploadState(workerData.input, workerData.config).then(() => parentPort.postMessage('done'), (e) => parentPort.postMessage(e.message))`
    const main = new URL('../index.js', import.meta.url).pathname
    const workerData = { main, input, config: { ...config, encryption: 'AES256' } }
    const worker = new Worker(script, { eval: true, env, workerData })
    const told = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
    assert.equal(told, 'done')
    return { caller: caller(mock.puts().at(-1)), region: mock.puts().at(-1).headers.authorization.split('/')[2] }
  }
  const own = { AWS_ACCESS_KEY_ID: 'AKIAWORKER', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 'TW' }
  assert.deepEqual(await run({ ...own, AWS_REGION: 'eu-west-1' }), {
    caller: ['AKIAWORKER', 'TW'],
    region: 'eu-west-1',
  })
  const profile = 'aws_access_key_id = AKIAFILE\naws_secret_access_key = s\nregion = ap-south-1\n'
  assert.deepEqual(await run({ ...profiles(`[profile w]\n${profile}`), AWS_PROFILE: 'w' }), {
    caller: ['AKIAFILE', undefined],
    region: 'ap-south-1',
  })
  // The main thread's choice of a profile is not the worker's.
  const both = profiles(`[default]\n${profile}[profile main]\n${profile.replace('AKIAFILE', 'AKIAOTHER')}`)
  process.env.AWS_PROFILE = 'main'
  assert.deepEqual((await run(both)).caller, ['AKIAFILE', undefined])
})

test('callers do not share what they were told of a bucket', async (t) => {
  // One may read the bucket's default encryption, the other may not.
  const mock = await startMock(t, {
    GetBucketEncryption: (request) =>
      caller(request)[0] === 'AKIAREADER'
        ? { body: encryptionXml({ algorithm: 'aws:kms' }) }
        : { status: 403, body: xmlError('AccessDenied') },
  })
  const { credentials: _, ...config } = mock.config
  const set = environment(t, { AWS_EC2_METADATA_DISABLED: 'true', AWS_PROFILE: 'same' })
  const entry = (name) => `[profile same]\naws_access_key_id = AKIA${name}\naws_secret_access_key = s\n`
  set(profiles(entry('WRITER')))
  assert.equal((await uploadState(input, config)).encryption.source, 'fallback')
  set(profiles(entry('READER')))
  assert.equal((await uploadState(input, config)).ServerSideEncryption, 'aws:kms')
  set(profiles(''))
  for (const [name, source] of [
    ['READER', 'bucket'],
    ['WRITER', 'fallback'],
  ]) {
    assert.equal((await uploadState(input, { ...config, credentials: keys(name) })).encryption.source, source)
  }
})

test('the Region: of the setting, AWS_REGION, the profile; AWS_DEFAULT_REGION is nothing to JavaScript', async (t) => {
  const mock = await startMock(t)
  const { region: _, ...config } = mock.config
  const files = profiles(
    '[default]\nregion = eu-north-1\n[profile p]\nregion = eu-south-1\n',
    '[p]\nregion = sa-east-1\n',
  )
  const set = environment(t)
  const region = ({ headers }) => headers.authorization.split('/')[2]
  for (const [variables, settings, expected] of [
    [{ ...files }, {}, 'eu-north-1'],
    [{ ...files, AWS_PROFILE: 'p' }, {}, 'sa-east-1'],
    [{ ...files }, { profile: 'p' }, 'sa-east-1'],
    [{ ...files, AWS_REGION: 'ca-central-1' }, {}, 'ca-central-1'],
    [{ ...files, AWS_REGION: 'ca-central-1' }, { region: 'us-west-2' }, 'us-west-2'],
    [{ ...files, AWS_DEFAULT_REGION: 'ca-central-1' }, {}, 'eu-north-1'],
  ]) {
    set(variables)
    const client = new S3Client({ ...config, ...settings })
    await client.send(new PutObjectCommand(input))
    client.destroy()
    await uploadState(input, { ...config, ...settings, encryption: 'AES256' })
    const [theirs, ours] = mock.puts().slice(-2).map(region)
    assert.deepEqual([theirs, ours], [expected, expected], JSON.stringify([variables, settings]))
  }
  set({ ...profiles(''), AWS_DEFAULT_REGION: 'ca-central-1' })
  const client = new S3Client(config)
  const theirs = await rejection(() => client.send(new PutObjectCommand(input)))
  client.destroy()
  const ours = await rejection(() => uploadState(input, config))
  assert.match(theirs.message, /Region is missing/)
  assert.match(ours.message, /region is missing/i)
  assert.equal(ours.setting, 'region')
})
