// `stateseal check`: the doctor as a process.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3'
import { checkBucket, enforcementPolicy } from 'stateseal'
import { cli, inTerminal } from './support/cli.mjs'
import { startLocal } from './support/local.mjs'

let s3

before(async () => {
  s3 = await startLocal()
  const policy = enforcementPolicy({ bucket: 'sound', encryption: 'AES256', tls: false })
  await s3.createBucket('sound', { policy, versioning: true, defaultEncryption: { SSEAlgorithm: 'AES256' } })
  await s3.createBucket('calm')
})
after(() => s3?.stop())

const toLocal = () => ['--endpoint', s3.endpoint, '--force-path-style', '--region', s3.region]
const as = ({ accessKeyId, secretAccessKey }) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
})

test('the report for people and for machines', async (t) => {
  const args = ['check', 's3://sound/api/state.json', ...toLocal()]
  const env = as(s3.credentials)
  const report = await checkBucket({ bucket: 'sound', key: 'api/state.json', ...s3.clientConfig })
  const machine = await cli(t, [...args, '--json'], { env })
  assert.deepEqual(JSON.parse(machine.stdout), report)
  assert.equal(machine.code, report.ok ? 0 : 1, machine.stderr)
  const people = await cli(t, args, { env })
  assert.equal(people.code, machine.code)
  assert.match(people.stdout, /^sound in us-east-1\n {2}encryption +AES256 \(the bucket's default\)\n/)
  for (const { id, message } of report.findings) {
    assert.match(people.stdout, new RegExp(`^ {2}[✔!✘–] ${id} `, 'm'))
    assert.ok(people.stdout.includes(message), message)
  }
  const counted = [
    ...people.stdout
      .split('\n')
      .at(-2)
      .matchAll(/(\d+) (\w+)/g),
  ]
  const total = counted.reduce((sum, [, number]) => sum + Number(number), 0)
  assert.equal(total, report.findings.length)
})

test('a problem is exit code 1, and with --strict so is a doubt', async (t) => {
  const env = as(s3.credentials)
  const run = (...args) => cli(t, ['check', '--json', ...args, ...toLocal()], { env })
  const denied = await run('--bucket', 'sound', '--sse', 'bucket-default')
  assert.equal(denied.code, 1)
  const { ok, findings } = JSON.parse(denied.stdout)
  assert.equal(ok, false)
  assert.equal(findings.find(({ id }) => id === 'policy').status, 'problem')
  const gone = await run('--bucket', 'nowhere')
  assert.equal(gone.code, 1)
  assert.equal(JSON.parse(gone.stdout).findings.find(({ id }) => id === 'bucket-exists').status, 'problem')
  const calm = await run('--bucket', 'calm')
  const strict = await run('--bucket', 'calm', '--strict')
  assert.ok(
    JSON.parse(calm.stdout).findings.some(({ status }) => status === 'warning'),
    calm.stdout,
  )
  assert.deepEqual([calm.code, strict.code], [0, 1])
})

test('without permissions the checks are skipped and name them', async (t) => {
  const { stdout, stderr } = await cli(t, ['check', '--bucket', 'sound', ...toLocal()], { env: as(s3.limited) })
  assert.match(stdout, /^ {2}– policy .*\n +→ needs s3:GetBucketPolicy$/m, stderr)
})

test('--probe puts and cleans up', async (t) => {
  const args = ['check', 's3://sound/api/state.json', '--probe', '--json', ...toLocal()]
  const { stdout, stderr } = await cli(t, args, { env: as(s3.credentials) })
  const { findings } = JSON.parse(stdout)
  assert.equal(findings.find(({ id }) => id === 'put-probe').status, 'ok', stderr)
  const sdk = new S3Client(s3.clientConfig)
  t.after(() => sdk.destroy())
  const { Versions = [], DeleteMarkers = [] } = await sdk.send(new ListObjectVersionsCommand({ Bucket: 'sound' }))
  assert.deepEqual([...Versions, ...DeleteMarkers], [])
})

test('colours in a terminal; wrong usage; nobody who answers', async (t) => {
  const shown = await inTerminal(t, ['check', '--bucket', 'sound', ...toLocal()], { env: as(s3.credentials) })
  assert.ok(shown.stdout.includes('\u001b[32m✔'))
  const none = await cli(t, ['check'])
  assert.deepEqual([none.code, none.stdout], [2, ''])
  assert.match(none.stderr, /^error: No bucket is named/)
  const off = ['--endpoint', 'http://127.0.0.1:9', '--max-attempts', '1']
  const silent = await cli(t, ['check', '--bucket', 'sound', ...off])
  assert.equal(silent.code, 1)
  assert.match(silent.stderr, /^error: [^\n]*ECONNREFUSED[^\n]*\n$/)
})
