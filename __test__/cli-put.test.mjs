// `stateseal put` and `headers`: what arrives at S3, what is printed, and what never is.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { GetObjectCommand, HeadObjectCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { cli, folder, start, toServer } from './support/cli.mjs'
import { startLocal } from './support/local.mjs'
import { encryptionXml, KEY_ARN, startMock } from './support/mock.mjs'

const KEY = 'plantedcustomerkey-0123456789abc'
const SECRETS = [
  KEY,
  Buffer.from(KEY).toString('base64'),
  createHash('md5').update(KEY).digest('base64'),
  'planted-context-value',
  Buffer.from('{"tenant":"planted-context-value"}').toString('base64'),
  'planted-body',
  'planted-secret-access-key',
  'planted-session-token',
]

let s3
let sdk

before(async () => {
  s3 = await startLocal({ bucket: 'state', kms: true })
  sdk = new S3Client(s3.clientConfig)
})
after(async () => {
  sdk?.destroy()
  await s3?.stop()
})

const toLocal = () => ['--endpoint', s3.endpoint, '--force-path-style', '--region', s3.region]
const asAdministrator = () => ({
  AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
})

test('a file on the real server: encrypted, typed, tagged, read back by the SDK', async (t) => {
  const cwd = folder(t, { 'state.json': { version: 4 } })
  const object = ['--metadata', 'commit=abc=1', '--metadata', 'by=ci', '--cache-control', 'no-store']
  const kms = ['--sse', 'aws:kms', '--sse-kms-key-id', s3.kms.keyArn]
  const args = ['put', 'state.json', 's3://state/a b/', ...object, ...kms, ...toLocal()]
  const people = await cli(t, args, { cwd, env: asAdministrator() })
  assert.equal(people.code, 0, people.stderr)
  assert.equal(people.stderr, '')
  assert.match(people.stdout, /^✔ s3:\/\/state\/a b\/state\.json\n/)
  assert.match(people.stdout, /^ {2}encryption {2,}aws:kms \(as asked\)$/m)
  assert.match(people.stdout, /^ {2}verified {2,}by S3's reply$/m)
  const machine = await cli(t, [...args, '--json'], { cwd, env: asAdministrator() })
  const result = JSON.parse(machine.stdout)
  assert.equal(result.encryption.compared.key, 'equal')
  assert.deepEqual([result.Bucket, result.Key], ['state', 'a b/state.json'])
  const got = await sdk.send(new GetObjectCommand({ Bucket: 'state', Key: 'a b/state.json' }))
  assert.equal(await got.Body.transformToString(), '{"version":4}')
  assert.equal(got.ContentType, 'application/json')
  assert.equal(got.CacheControl, 'no-store')
  assert.deepEqual(got.Metadata, { commit: 'abc=1', by: 'ci' })
  assert.equal(got.SSEKMSKeyId, s3.kms.keyArn)
})

test('standard input, in one put and in parts', async (t) => {
  for (const body of [Buffer.from('{"a":1}'), randomBytes(11 * 2 ** 20)]) {
    const args = ['put', '-', 's3://state/in.bin', '--content-type', 'x/y', '--part-size', '5MiB', ...toLocal()]
    const { code, stderr } = await cli(t, args, { input: body, env: asAdministrator() })
    assert.equal(code, 0, stderr)
    const got = await sdk.send(new GetObjectCommand({ Bucket: 'state', Key: 'in.bin' }))
    assert.equal(got.ContentType, 'x/y')
    assert.ok(body.equals(await got.Body.transformToByteArray()))
  }
})

test('conditions: a second put is refused', async (t) => {
  const args = ['put', '-', 's3://state/once', '--if-none-match', '*', ...toLocal()]
  const options = { input: 'x', env: asAdministrator() }
  assert.equal((await cli(t, args, options)).code, 0)
  const { code, stderr } = await cli(t, args, options)
  assert.equal(code, 1)
  assert.match(stderr, /^error: PreconditionFailed/)
  const { ETag } = await sdk.send(new HeadObjectCommand({ Bucket: 'state', Key: 'once' }))
  const match = (etag) => cli(t, ['put', '-', 's3://state/once', '--if-match', etag, ...toLocal()], options)
  assert.equal((await match('"0"')).code, 1)
  assert.equal((await match(ETag)).code, 0)
})

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  test(`${signal} removes the parts that were sent`, { skip: process.platform === 'win32' }, async (t) => {
    const Key = `stopped-${signal}`
    const { child, ended } = start(t, ['put', '-', `s3://state/${Key}`, ...toLocal()], { env: asAdministrator() })
    child.stdin.on('error', () => {})
    child.stdin.write(randomBytes(11 * 2 ** 20))
    const uploads = async () => {
      const { Uploads = [] } = await sdk.send(new ListMultipartUploadsCommand({ Bucket: 'state' }))
      return Uploads.filter((upload) => upload.Key === Key).length
    }
    for (let i = 0; i < 400 && (await uploads()) === 0; i++) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(await uploads(), 1)
    child.kill(signal)
    const result = await ended
    assert.equal(result.code, code, result.stderr)
    assert.match(result.stderr, /^note: [^\n]*\nerror: Upload aborted/)
    assert.equal(await uploads(), 0)
    await assert.rejects(sdk.send(new HeadObjectCommand({ Bucket: 'state', Key })))
  })
}

test('every option of the object arrives', async (t) => {
  const mock = await startMock(t)
  const given = {
    'content-disposition': ['inline', 'content-disposition'],
    'content-encoding': ['gzip', 'content-encoding'],
    'content-language': ['de', 'content-language'],
    acl: ['private', 'x-amz-acl'],
    'storage-class': ['STANDARD_IA', 'x-amz-storage-class'],
    'checksum-algorithm': ['SHA256', 'x-amz-sdk-checksum-algorithm'],
    'request-payer': ['requester', 'x-amz-request-payer'],
    'object-lock-mode': ['GOVERNANCE', 'x-amz-object-lock-mode'],
    'object-lock-retain-until-date': ['2027-01-31', 'x-amz-object-lock-retain-until-date'],
    'object-lock-legal-hold-status': ['ON', 'x-amz-object-lock-legal-hold'],
    'expected-bucket-owner': ['111122223333', 'x-amz-expected-bucket-owner'],
  }
  const flags = Object.entries(given).flatMap(([flag, [value]]) => [`--${flag}`, value])
  const tags = ['--tag', 'team=a & b', '--tag', 'cost center=ü=1']
  const { code, stderr } = await cli(t, ['put', '-', 's3://b/k', ...flags, ...tags, ...toServer(mock)], { input: 'x' })
  assert.equal(code, 0, stderr)
  const [{ headers }] = mock.puts()
  for (const [value, header] of Object.values(given)) assert.ok(headers[header].startsWith(value), header)
  assert.equal(headers['x-amz-tagging'], 'team=a%20%26%20b&cost%20center=%C3%BC%3D1')
})

test('--dry-run shows the request and sends nothing', async (t) => {
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN }) }),
  })
  const cwd = folder(t, { 'state.json': 'planted-body' })
  const args = ['put', 'state.json', 's3://b/k', '--dry-run', ...toServer(mock)]
  const people = await cli(t, args, { cwd })
  assert.equal(people.code, 0, people.stderr)
  assert.match(people.stdout, /^PUT http:\/\/127/)
  assert.match(people.stdout, /aws:kms \(the bucket's default\)/)
  assert.match(people.stdout, /Signature=\[redacted\]/)
  const told = JSON.parse((await cli(t, [...args, '--json'], { cwd })).stdout)
  assert.equal(told.headers['x-amz-server-side-encryption-aws-kms-key-id'], KEY_ARN)
  assert.equal(told.contentLength, 12)
  assert.equal(mock.count('PutObject'), 0)
})

test('no secret is printed, whatever is asked and whatever comes back', async (t) => {
  const secret = { AWS_SECRET_ACCESS_KEY: 'planted-secret-access-key', AWS_SESSION_TOKEN: 'planted-session-token' }
  const reply = () => ({
    headers: {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-context': Buffer.from('{"tenant":"planted-context-value"}').toString('base64'),
    },
  })
  const mock = await startMock(t)
  const context = await startMock(t, { PutObject: reply })
  const cwd = folder(t, { 'raw.key': KEY, 'base64.key': `${Buffer.from(KEY).toString('base64')}\n` })
  const put = ['put', '-', 's3://b/k', '--allow-insecure-loopback', ...toServer(mock)]
  const kms = ['--sse', 'aws:kms', '--sse-kms-encryption-context', 'tenant=planted-context-value']
  const runs = [
    [0, [...put, '--sse-customer-key-file', 'raw.key']],
    [0, [...put, '--sse-customer-key-file', 'base64.key', '--dry-run']],
    [0, put, { STATESEAL_SSE_CUSTOMER_KEY: KEY }],
    [0, ['headers', '--operation', 'UploadPart'], { STATESEAL_SSE_CUSTOMER_KEY: Buffer.from(KEY).toString('base64') }],
    [0, ['put', '-', 's3://b/k', ...kms, ...toServer(context)]],
    [0, ['headers', ...kms]],
    [2, put, { STATESEAL_SSE_CUSTOMER_KEY: `${KEY}x` }],
    [2, [...put, '--sse', KEY]],
    [2, ['put', '--sse-customer-key', KEY]],
    [2, ['put', `--sse-customer-key=${KEY}`]],
    [2, ['put', `--sse-customer-keyy=${KEY}`]],
    [2, ['put', '-', 's3://b/k', 'planted-body']],
    [2, [...put, '--sse-kms-encryption-context', '{"tenant":"planted-context-value"}']],
    [2, [...put, '--sse-kms-encryption-context', '{"tenant":"planted-context-value"']],
  ]
  for (const [code, args, env = {}] of runs) {
    for (const more of [[], ['--json'], ['--verbose']]) {
      const run = await cli(t, [...args, ...more], { cwd, env: { ...secret, ...env }, input: 'planted-body' })
      assert.equal(run.code, code, `${args.join(' ')}: ${run.stderr}`)
      const printed = run.stdout + run.stderr
      for (const one of SECRETS) assert.ok(!printed.includes(one), `${args.join(' ')} shows ${one}`)
    }
  }
  const keys = mock.puts().map(({ headers }) => headers['x-amz-server-side-encryption-customer-key'])
  assert.ok(keys.length > 0 && keys.every((key) => key === Buffer.from(KEY).toString('base64')), 'and S3 gets the key')
})

test('headers: what is asked, or what the bucket asks', async (t) => {
  const flags = ['--sse', 'aws:kms', '--sse-kms-key-id', 'alias/state', '--no-bucket-key-enabled']
  const { stdout } = await cli(t, ['headers', ...flags])
  assert.equal(
    stdout,
    `x-amz-server-side-encryption: aws:kms
x-amz-server-side-encryption-aws-kms-key-id: alias/state
x-amz-server-side-encryption-bucket-key-enabled: false
`,
  )
  assert.match((await cli(t, ['headers', ...flags, '--operation', 'GetObject'])).stdout, /no encryption header/)
  const answer = { body: encryptionXml({ algorithm: 'aws:kms:dsse', key: KEY_ARN }) }
  const mock = await startMock(t, { GetBucketEncryption: () => answer })
  const mirrored = await cli(t, ['headers', '--bucket', 'b', '--json', ...toServer(mock)])
  assert.deepEqual(JSON.parse(mirrored.stdout), {
    'x-amz-server-side-encryption': 'aws:kms:dsse',
    'x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN,
  })
})

test('the fallback is a warning in one line, and is told in the result', async (t) => {
  const mock = await startMock(t, { GetBucketEncryption: () => ({ status: 403 }) })
  const { code, stdout, stderr } = await cli(t, ['put', '-', 's3://b/k', ...toServer(mock)], { input: 'x' })
  assert.equal(code, 0)
  assert.match(stderr, /^warning: [^\n]*s3:GetEncryptionConfiguration[^\n]*\n$/)
  assert.match(stdout, /AES256 \(the bucket's default could not be read\)/)
})

test('where the object goes', async (t) => {
  const mock = await startMock(t)
  const cwd = folder(t, { 'state.json': {} })
  const arn = 'arn:aws:s3:us-east-1:111122223333:accesspoint/states'
  for (const [target, place] of [
    [['s3://bucket/a/b.json'], '/bucket/a/b.json'],
    [['s3://bucket/'], '/bucket/state.json'],
    [['s3://bucket/a%20b/'], '/bucket/a%2520b/state.json'],
    [['s3://bucket', '--key', 'k'], '/bucket/k'],
    [['--bucket', 'bucket', '--key', 'k/'], '/bucket/k/state.json'],
    [['k', '--bucket', 'bucket'], '/bucket/k'],
    [['s3://other/k', '--bucket', 'bucket'], '/other/k'],
  ]) {
    const { code, stderr } = await cli(t, ['put', 'state.json', ...target, ...toServer(mock)], { cwd })
    assert.equal(code, 0, stderr)
    assert.equal(mock.puts().at(-1).path, `${place}?x-id=PutObject`)
  }
  const point = await cli(t, ['put', 'state.json', `s3://${arn}/a/`, '--sse', 'AES256', '--dry-run', '--json'], { cwd })
  assert.match(JSON.parse(point.stdout).url, /^https:\/\/states-111122223333\.s3-accesspoint\..*\/a\/state\.json/)
})

test('a file that is not there, and one that is a folder', async (t) => {
  const mock = await startMock(t)
  const cwd = folder(t)
  for (const file of ['none.json', '.']) {
    const { code, stderr } = await cli(t, ['put', file, 's3://b/k', '--sse', 'AES256', ...toServer(mock)], { cwd })
    assert.equal(code, 2, stderr)
    assert.match(stderr, /^error: [^\n]+\n$/)
  }
  assert.equal(mock.count('PutObject'), 0)
})
