// docs/security.md: its examples run, functions and commands say the same, its table is what checkBucket asks.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import vm from 'node:vm'
import * as stateseal from 'stateseal'
import { cli, folder } from './support/cli.mjs'
import { startMock, xmlError } from './support/mock.mjs'

const docs = readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8')
const blocks = (language) =>
  [...docs.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text)

/** The value of an example's last statement. */
function run(example, functions = stateseal) {
  return vm.runInThisContext(`(require) => { ${example.replace(/\n(?=\w+\(.*\n$)/, '\nreturn ')} }`)(() => functions)
}

/** The words of a command line. */
const words = (line) => line.match(/'[^']*'|\S+/g).map((word) => word.replace(/^'(.*)'$/, '$1'))

test('functions and commands write the same policies', async (t) => {
  const generators = blocks('js').filter((example) => /\w+Policy\(\{ .*\n$/.test(example))
  const commands = blocks('sh').filter((line) => line.startsWith('stateseal policy '))
  assert.equal(generators.length, 3)
  assert.equal(commands.length, 3)
  for (const [index, example] of generators.entries()) {
    const policy = run(example)
    assert.ok(policy.Statement.length > 1)
    const { code, stdout, stderr } = await cli(t, words(commands[index]).slice(1))
    assert.equal(code, 0, stderr)
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(policy)), commands[index])
  }
})

test('the policy that is tried lets the upload pass', () => {
  const [example] = blocks('js').filter((text) => text.includes('explainPolicy('))
  assert.equal(run(example).verdict, 'no-deny')
})

test('the check runs as it stands', async (t) => {
  const mock = await startMock(t)
  const checkBucket = (options) => stateseal.checkBucket({ ...mock.config, ...options })
  const [example] = blocks('js').filter((text) => text.includes('checkBucket('))
  const finished = vm.runInThisContext(`async (require) => { ${example} return report }`)(() => ({ checkBucket }))
  const { bucket, region } = await finished
  assert.deepEqual({ bucket, region }, { bucket: 'my-state', region: 'eu-west-1' })
})

test('the commands run as they stand', async (t) => {
  const mock = await startMock(t)
  const policy = stateseal.enforcementPolicy({ bucket: 'my-state', encryption: 'AES256' })
  const cwd = folder(t, { 'policy.json': policy, 'state.json': {} })
  const env = { STATESEAL_ENDPOINT: mock.endpoint, STATESEAL_FORCE_PATH_STYLE: 'true' }
  const lines = blocks('sh').filter((line) => !line.startsWith('stateseal policy '))
  assert.deepEqual(
    lines.map((line) => words(line)[1]),
    ['explain', 'check', 'put'],
  )
  for (const line of lines) {
    const { code, stderr } = await cli(t, words(line).slice(1), { cwd, env })
    assert.equal(code, 0, `${line}: ${stderr}`)
  }
  assert.ok(mock.count('GetBucketPolicy') > 0)
  const record = JSON.parse(readFileSync(path.join(cwd, 'stateseal-audit.jsonl'), 'utf8'))
  assert.equal(record.key, 'api/state.json')
})

test('the audit sinks are taken as they stand', () => {
  const [example] = blocks('js').filter((text) => text.includes('audit:'))
  vm.runInThisContext(`(require) => { ${example} }`)(() => stateseal)
})

test('the table has every finding, with the permission that it needs', async (t) => {
  const rows = [...docs.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|/gm)].map(([, id, needs]) => [id, needs])
  const denied = () => ({ status: 403, body: xmlError('AccessDenied') })
  const operations = ['GetBucketVersioning', 'GetBucketEncryption', 'GetBucketPolicy', 'GetPublicAccessBlock']
  const more = ['HeadBucket', 'GetBucketOwnershipControls', 'DescribeKey', 'PutObject']
  const mock = await startMock(t, Object.fromEntries([...operations, ...more].map((name) => [name, denied])))
  const { findings } = await stateseal.checkBucket({
    ...mock.config,
    kmsEndpoint: mock.endpoint,
    bucket: 'my-state',
    expectedBucketOwner: '111122223333',
    encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: 'alias/state' },
    probe: true,
  })
  assert.deepEqual(
    rows.map(([id]) => id),
    findings.map(({ id }) => id),
  )
  for (const [index, { id, permission }] of findings.entries()) {
    const [, needs] = rows[index]
    if (permission) assert.ok(needs.startsWith(`\`${permission}\``), `${id}: ${permission}, not ${needs}`)
    else assert.ok(id === 'region' || id === 'put-probe', id)
  }
})
