// `stateseal explain`, `suggest` and `policy`: offline, on a bucket, and held against what the server does.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { enforcementPolicy, explainPolicy, kmsKeyPolicy, suggestEncryption, uploaderPolicy } from 'stateseal'
import { cli, folder, toServer } from './support/cli.mjs'
import { startLocal } from './support/local.mjs'
import { encryptionXml, KEY_ARN, startMock, xmlError } from './support/mock.mjs'

const KMS = { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN }
const POLICY = enforcementPolicy({ bucket: 'my-state', encryption: KMS })
const kmsFlags = ['--sse', 'aws:kms', '--sse-kms-key-id', KEY_ARN]

let s3

before(async () => {
  s3 = await startLocal()
})
after(() => s3?.stop())

const toLocal = () => ['--endpoint', s3.endpoint, '--force-path-style', '--region', s3.region]
const as = ({ accessKeyId, secretAccessKey }) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
})

test('explain a file: verdict, statements, exit code, and the library in JSON', async (t) => {
  const cwd = folder(t, { 'policy.json': POLICY })
  const denied = await cli(t, ['explain', 'policy.json', 's3://my-state/k', '--sse', 'AES256'], { cwd })
  assert.equal(denied.code, 1)
  assert.match(
    denied.stdout,
    /^✘ The policy denies it\n {2}request +PutObject s3:\/\/my-state\/k\n {2}encryption +--sse AES256\n/,
  )
  assert.match(denied.stdout, /denied by +DenyOtherEncryption/)
  assert.match(denied.stdout, /^ {2}● DenyOtherEncryption Deny$/m)
  const passes = await cli(t, ['explain', 'policy.json', 's3://my-state/k', ...kmsFlags], { cwd })
  assert.equal(passes.code, 0, passes.stdout)
  assert.match(passes.stdout, /^✔ The policy does not object/)
  for (const [args, request, context] of [
    [['--sse', 'AES256'], { encryption: 'AES256' }],
    [[], {}],
    [['--header', `x-amz-server-side-encryption=aws:kms`], { headers: { 'x-amz-server-side-encryption': 'aws:kms' } }],
    [
      ['--operation', 'GetObject', '--context', 'aws:SecureTransport=false'],
      { operation: 'GetObject' },
      { 'aws:SecureTransport': 'false' },
    ],
  ]) {
    const { stdout } = await cli(t, ['explain', '-', 's3://my-state/k', '--json', ...args], {
      input: JSON.stringify(POLICY),
    })
    assert.deepEqual(JSON.parse(stdout), explainPolicy(POLICY, { bucket: 'my-state', key: 'k', ...request }, context))
  }
})

test('what depends on the network is undecided, until the context says it', async (t) => {
  const condition = { StringNotEquals: { 'aws:SourceVpce': ['vpce-1', 'vpce-2'] } }
  const statement = { Sid: 'Vpc', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*', Condition: condition }
  const cwd = folder(t, { 'policy.json': { Version: '2012-10-17', Statement: [statement] } })
  const run = (...args) => cli(t, ['explain', 'policy.json', '--bucket', 'my-state', ...args], { cwd })
  const open = await run()
  assert.equal(open.code, 0)
  assert.match(open.stdout, /^\? It depends/)
  assert.match(open.stdout, /undecided +Vpc/)
  assert.equal((await run('--strict')).code, 1)
  assert.equal((await run('--strict', '--context', 'aws:sourcevpce=vpce-2')).code, 0)
  assert.equal((await run('--context', 'aws:SourceVpce=vpce-3')).code, 1)
  assert.equal((await run('--context', '{"aws:SourceVpce":null}')).code, 1)
})

test('explain and suggest on a bucket agree with what the server does', async (t) => {
  await s3.createBucket('needs-header', {
    policy: enforcementPolicy({ bucket: 'needs-header', encryption: 'AES256', tls: false }),
  })
  const object = ['s3://needs-header/k', ...toLocal()]
  for (const [flags, passes] of [
    [[], true],
    [['--sse', 'AES256'], true],
    [['--sse', 'bucket-default'], false],
  ]) {
    const put = await cli(t, ['put', '-', ...object, ...flags], { env: as(s3.limited), input: 'x' })
    assert.equal(put.code, passes ? 0 : 1, put.stderr)
    const told = await cli(t, ['explain', ...object, ...flags], { env: as(s3.credentials) })
    assert.equal(told.code, put.code, told.stdout + told.stderr)
  }
  const suggested = await cli(t, ['suggest', '--bucket', 'needs-header', ...toLocal()], { env: as(s3.credentials) })
  assert.equal(suggested.code, 0, suggested.stderr)
  assert.match(suggested.stdout, /^✔ --sse AES256\n/)
})

test('a bucket whose policy may not be read, one without, and one that is not there', async (t) => {
  await s3.createBucket('plain')
  const refused = await cli(t, ['explain', 's3://plain/k', ...toLocal()], { env: as(s3.limited) })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /^error: AccessDenied: .*s3:GetBucketPolicy.*\n$/)
  const none = await cli(t, ['explain', 's3://plain/k', ...toLocal()], { env: as(s3.credentials) })
  assert.equal(none.code, 0, none.stderr)
  assert.match(none.stdout, /^✔ The policy does not object.*The policy has no statement/s)
  const free = await cli(t, ['suggest', '--bucket', 'plain', '--json', ...toLocal()], { env: as(s3.credentials) })
  assert.equal(JSON.parse(free.stdout).suggestions[0].encryption, 'bucket-default')
  const gone = await cli(t, ['suggest', '--bucket', 'nowhere', ...toLocal()], { env: as(s3.credentials) })
  assert.equal(gone.code, 1)
  assert.match(gone.stderr, /^error: NoSuchBucket/)
})

test('on a bucket the request is the one that put would send', async (t) => {
  const mock = await startMock(t, {
    GetBucketPolicy: () => ({ body: JSON.stringify(POLICY) }),
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN }) }),
  })
  const args = ['s3://my-state/k', '--context', 'aws:SecureTransport=true', ...toServer(mock)]
  const mirrored = await cli(t, ['explain', ...args])
  assert.equal(mirrored.code, 0, mirrored.stderr)
  assert.match(mirrored.stdout, /encryption +aws:kms \(the bucket's default\)/)
  assert.equal((await cli(t, ['explain', ...args, '--sse', 'AES256'])).code, 1)
  assert.equal((await cli(t, ['explain', ...args, '--header', 'x-amz-acl=private'])).code, 1, 'headers as given')
  mock.answers.GetBucketPolicy = () => ({ status: 301, body: xmlError('PermanentRedirect') })
  assert.equal((await cli(t, ['explain', ...args])).code, 1)
})

test('suggest: the library in JSON; nothing that passes is exit code 1', async (t) => {
  const cwd = folder(t, {
    'policy.json': POLICY,
    'closed.json': { Statement: { Sid: 'All', Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' } },
  })
  const { stdout } = await cli(t, ['suggest', 'policy.json', '--bucket', 'my-state', '--json'], { cwd })
  assert.deepEqual(JSON.parse(stdout), {
    suggestions: [...suggestEncryption(POLICY, { bucket: 'my-state', key: 'state.json' })],
  })
  const people = await cli(t, ['suggest', 'policy.json', 's3://my-state/k'], { cwd })
  assert.match(people.stdout, new RegExp(`^✔ --sse aws:kms --sse-kms-key-id ${KEY_ARN}\n {2}verdict +no-deny\n`))
  const closed = await cli(t, ['suggest', 'closed.json', '--bucket', 'my-state'], { cwd })
  assert.equal(closed.code, 1)
  assert.match(closed.stdout, /^✘ .*All/)
  const json = JSON.parse((await cli(t, ['suggest', 'closed.json', '--bucket', 'my-state', '--json'], { cwd })).stdout)
  assert.deepEqual([json.suggestions, json.collision.sids], [[], ['All']])
})

test('policies as the library writes them', async (t) => {
  const json = async (...args) => {
    const { code, stdout, stderr } = await cli(t, ['policy', ...args])
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }
  assert.deepEqual(await json('bucket', '--bucket', 'my-state', ...kmsFlags), POLICY)
  assert.deepEqual(
    await json('bucket', '--bucket', 'my-state', '--sse', 'AES256', '--mode', 'default-friendly', '--tls', '1.2'),
    enforcementPolicy({ bucket: 'my-state', encryption: 'AES256', mode: 'default-friendly', tls: '1.2' }),
  )
  assert.deepEqual(
    await json('bucket', '--bucket', 'my-state', '--sse-customer-algorithm', 'AES256', '--tls', 'false'),
    enforcementPolicy({ bucket: 'my-state', encryption: { sseCustomerAlgorithm: 'AES256' }, tls: false }),
  )
  assert.deepEqual(
    await json(
      'iam',
      '--bucket',
      'my-state',
      '--key',
      'a/*',
      '--key',
      'b/*',
      ...kmsFlags,
      '--tag',
      'a=b',
      '--no-multipart',
      '--no-enforce',
    ),
    uploaderPolicy({
      bucket: 'my-state',
      key: ['a/*', 'b/*'],
      encryption: KMS,
      Tagging: 'a=b',
      multipart: false,
      enforce: false,
    }),
  )
  assert.deepEqual(
    await json(
      'kms',
      '--bucket',
      'my-state',
      ...kmsFlags,
      '--bucket-key-enabled',
      '--principal',
      'arn:aws:iam::111122223333:role/r',
    ),
    kmsKeyPolicy({
      bucket: 'my-state',
      encryption: { ...KMS, bucketKeyEnabled: true },
      principals: ['arn:aws:iam::111122223333:role/r'],
    }),
  )
})

test('wrong policies and wrong usage are exit code 2', async (t) => {
  const cwd = folder(t, { 'policy.json': POLICY, 'broken.json': '{\n  "Version": 5\n}' })
  for (const [args, message] of [
    [['explain'], /^error: No bucket is named/],
    [['explain', 'none.json', '--bucket', 'my-state'], /^error: The policy cannot be read: ENOENT/],
    [
      ['explain', 'broken.json', '--bucket', 'my-state'],
      /^error: The policy is malformed at Version \(line 2, column 14\)/,
    ],
    [['suggest', 'broken.json', '--bucket', 'my-state'], /^error: The policy is malformed/],
    [['explain', 'policy.json', 'b/k'], /^error: The second word is not the object/],
    [['explain', 'policy.json', '--bucket', 'my-state', '--operation', 'PutObjct'], /did you mean "PutObject"/],
    [['explain', 'policy.json', '--bucket', 'my-state', '--header', 'nothing'], /^error: --header is not a pair/],
    [['suggest', 'policy.json', '--bucket', 'my-state', '--sse', 'AES256'], /^error: --sse is not an option/],
    [['policy'], /^error: stateseal policy is one of policy bucket, policy iam, policy kms\. See/],
    [['policy', 'bukket'], /policy kms, not bukket/],
    [['policy', 'bucket'], /^error: bucket is required/],
    [['policy', 'bucket', '--bucket', 'my-state', '--sse', 'AES256', '--mode', 'lax'], /^error: mode/],
    [['policy', 'kms', '--bucket', 'my-state', '--sse', 'aws:kms'], /^error: region is required/],
  ]) {
    const { code, stdout, stderr } = await cli(t, args, { cwd })
    assert.deepEqual([code, stdout], [2, ''], `${args.join(' ')}: ${stderr}`)
    assert.match(stderr, message)
    assert.match(stderr, /^[^\n]+\n$/)
  }
})
