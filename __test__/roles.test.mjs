// Roles and web identities, assumed from a real STS (moto's); the state goes to a mock of S3.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { StateUploader, uploadState } from 'stateseal'
import { environment } from './support/environment.mjs'
import { listen } from './support/listen.mjs'
import { cache } from './support/local.mjs'
import { rejection, startMock } from './support/mock.mjs'

const { startKms } = createRequire(import.meta.url)('../testing/kms.js')
const input = { Bucket: 'b', Key: 'k', Body: 'x' }
const role = (name) => `arn:aws:iam::111122223333:role/${name}`
const keyOf = ({ headers }) => headers.authorization.match(/Credential=([^/]+)/)[1]
const base = { accessKeyId: 'AKIABASE', secretAccessKey: 's' }

let moto
let folder
before(async () => {
  // moto serves STS beside KMS.
  moto = await startKms({ region: 'us-east-1', credentials: base, install: true, cache })
  folder = mkdtempSync(path.join(tmpdir(), 'stateseal-roles-'))
})
after(async () => {
  await moto?.stop()
  if (folder) rmSync(folder, { recursive: true })
})

/** STS, and what it was asked: `{ key, Action, RoleArn, … }` each. */
async function startSts(t) {
  const asked = []
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { authorization = '', 'content-type': type } = request.headers
    asked.push({
      key: authorization.match(/Credential=([^/]+)/)?.[1],
      ...Object.fromEntries(new URLSearchParams(body)),
    })
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const answer = await fetch(moto.endpoint, { method: 'POST', headers: { ...headers, 'content-type': type }, body })
    response.writeHead(answer.status, { 'content-type': 'text/xml' })
    response.end(await answer.text())
  })
  const endpoint = await listen(t, server)
  const variables = {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  }
  return { asked, variables }
}

function file(name, content) {
  const place = path.join(folder, name)
  writeFileSync(place, content)
  return place
}

test('assumeRole: once for many uploads, with external id and session name', async (t) => {
  const mock = await startMock(t)
  const sts = await startSts(t)
  environment(t)(sts.variables)
  const assumeRole = { roleArn: role('state'), externalId: 'x-1', sessionName: 'deploy' }
  const config = { ...mock.config, credentials: base, assumeRole, encryption: 'AES256' }
  await Promise.all([uploadState(input, config), uploadState(input, config)])
  await uploadState(input, config)
  assert.equal(sts.asked.length, 1)
  const { key, Action, RoleArn, ExternalId, RoleSessionName } = sts.asked[0]
  assert.deepEqual(
    [key, Action, RoleArn, ExternalId, RoleSessionName],
    ['AKIABASE', 'AssumeRole', role('state'), 'x-1', 'deploy'],
  )
  const keys = new Set(mock.puts().map(keyOf))
  assert.equal(keys.size, 1)
  assert.match([...keys][0], /^ASIA/)
  assert.ok(mock.puts().every(({ headers }) => headers['x-amz-security-token']))
})

test('assumeRole: what is undefined is not set, and the role is still assumed once', async (t) => {
  const mock = await startMock(t)
  const sts = await startSts(t)
  environment(t)(sts.variables)
  const assumeRole = { roleArn: role('undefined'), externalId: undefined, sessionName: undefined }
  for (let n = 0; n < 3; n++) await uploadState(input, { ...mock.config, credentials: base, assumeRole })
  assert.equal(sts.asked.length, 1)
})

test('assumeRole: an error of STS does not repeat the token that it was sent', async (t) => {
  const mock = await startMock(t)
  const server = http.createServer((request, response) => {
    const token = request.headers['x-amz-security-token']
    const error = `<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>with ${token}</Message></Error>`
    response.writeHead(403).end(`<ErrorResponse>${error}</ErrorResponse>`)
  })
  const endpoint = await listen(t, server)
  environment(t)({ AWS_ENDPOINT_URL_STS: endpoint })
  const credentials = { ...base, sessionToken: 'planted-session-token' }
  for (const retryMode of ['standard', 'adaptive']) {
    for (const encryption of ['AES256', undefined]) {
      const config = { ...mock.config, credentials, retryMode, encryption, assumeRole: { roleArn: role('secret') } }
      const error = await rejection(() => uploadState(input, config))
      assert.equal(error.name, 'CredentialsProviderError')
      assert.match(error.message, /AccessDenied/)
      assert.doesNotMatch(`${error.stack} ${inspect(error)}`, /planted/)
    }
  }
})

test('assumeRole: each role of a list assumes the next', async (t) => {
  const mock = await startMock(t)
  const sts = await startSts(t)
  environment(t)(sts.variables)
  const uploader = new StateUploader({
    ...mock.config,
    credentials: async () => base,
    assumeRole: [{ roleArn: role('hub') }, { roleArn: role('state') }],
    encryption: 'AES256',
  })
  await uploader.upload(input)
  await uploader.upload(input)
  uploader.destroy()
  assert.deepEqual(
    sts.asked.map(({ RoleArn, RoleSessionName }) => [RoleArn, RoleSessionName]),
    [
      [role('hub'), 'stateseal'],
      [role('state'), 'stateseal'],
    ],
  )
  assert.equal(sts.asked[0].key, 'AKIABASE')
  assert.match(sts.asked[1].key, /^ASIA/)
  assert.notEqual(keyOf(mock.puts()[0]), sts.asked[1].key)
})

test('callers with other roles do not share credentials', async (t) => {
  const mock = await startMock(t)
  const sts = await startSts(t)
  environment(t)(sts.variables)
  const put = async (config) => {
    await uploadState(input, { ...mock.config, encryption: 'AES256', ...config })
    return keyOf(mock.puts().at(-1))
  }
  const one = await put({ credentials: base, assumeRole: { roleArn: role('one') } })
  const two = await put({ credentials: base, assumeRole: { roleArn: role('two') } })
  const other = await put({ credentials: { ...base, accessKeyId: 'AKIAOTHER' }, assumeRole: { roleArn: role('one') } })
  assert.equal(new Set([one, two, other]).size, 3)
  assert.equal(await put({ credentials: base }), 'AKIABASE')
  assert.equal(await put({ credentials: base, assumeRole: { roleArn: role('one') } }), one)
})

test('a profile with a role, as the SDK has it', async (t) => {
  const mock = await startMock(t)
  const sts = await startSts(t)
  const AWS_CONFIG_FILE = file(
    'config',
    `[profile base]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n` +
      `[profile state]\nrole_arn = ${role('p')}\nsource_profile = base\nexternal_id = e\nrole_session_name = n\n`,
  )
  const set = environment(t)
  set({ ...sts.variables, AWS_CONFIG_FILE, AWS_PROFILE: 'state' })
  const { credentials: _, ...config } = mock.config
  const client = new S3Client(config)
  await client.send(new PutObjectCommand(input))
  client.destroy()
  await uploadState(input, { ...config, encryption: 'AES256' })
  const [theirs, ours] = sts.asked
  for (const field of ['key', 'Action', 'RoleArn', 'ExternalId', 'RoleSessionName']) {
    assert.equal(ours[field], theirs[field], field)
  }
  assert.match(keyOf(mock.puts().at(-1)), /^ASIA/)
})

test('a web identity, as the SDK has it; its token is in no error', async (t) => {
  const mock = await startMock(t)
  const sts = await startSts(t)
  const variables = {
    ...sts.variables,
    AWS_WEB_IDENTITY_TOKEN_FILE: file('token', 'planted-token'),
    AWS_ROLE_ARN: role('web'),
    AWS_ROLE_SESSION_NAME: 'ci',
  }
  const set = environment(t)
  set(variables)
  const { credentials: _, ...config } = mock.config
  const client = new S3Client(config)
  await client.send(new PutObjectCommand(input))
  client.destroy()
  await uploadState(input, { ...config, encryption: 'AES256' })
  const [theirs, ours] = sts.asked
  assert.equal(ours.WebIdentityToken, 'planted-token')
  for (const field of ['key', 'Action', 'RoleArn', 'RoleSessionName', 'WebIdentityToken']) {
    assert.equal(ours[field], theirs[field], field)
  }
  assert.match(keyOf(mock.puts().at(-1)), /^ASIA/)
  set({ ...variables, AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere/token' })
  const missing = await rejection(() => uploadState(input, { ...config, encryption: 'AES256' }))
  assert.equal(missing.name, 'CredentialsProviderError')
  set({ ...variables, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' })
  const refused = await rejection(() => uploadState(input, { ...config, encryption: 'AES256', maxAttempts: 1 }))
  assert.equal(refused.name, 'CredentialsProviderError')
  for (const error of [missing, refused]) assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /planted/)
})
