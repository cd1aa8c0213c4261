// The command line as a process: help, usage, exit codes, colours.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { COMMAND, cli, environment, folder, inTerminal, start, toServer } from './support/cli.mjs'
import { startMock, xmlError } from './support/mock.mjs'

const require = createRequire(import.meta.url)
const manifest = require('../package.json')
const { COMMANDS } = require('../bin/commands.js')

test('the package installs the command', () => {
  assert.equal(new URL(`../${manifest.bin.stateseal}`, import.meta.url).pathname, COMMAND)
  assert.ok(manifest.files.includes('bin'))
})

test('version and help, in every spelling', async (t) => {
  for (const args of [['--version'], ['-V'], ['put', '--version'], ['headers', '-V']]) {
    assert.deepEqual(await cli(t, args), { code: 0, signal: null, stdout: `${manifest.version}\n`, stderr: '' })
  }
  const overview = (await cli(t, ['--help'])).stdout
  for (const { name, summary } of COMMANDS) {
    assert.ok(overview.includes(name) && overview.includes(summary), name)
    const help = await cli(t, [...name.split(' '), '--help'])
    assert.equal(help.code, 0)
    assert.equal((await cli(t, ['help', ...name.split(' ')])).stdout, help.stdout)
    assert.equal((await cli(t, [...name.split(' '), 'x', '-h'])).stdout, help.stdout, 'whatever else is there')
    assert.match(help.stdout, /^Examples$/m)
  }
  assert.equal((await cli(t, ['-h'])).stdout, overview)
  assert.equal((await cli(t, ['help'])).stdout, overview)
})

test('help needs no addon', () => {
  const script = `
    process.on('exit', () => console.error(Object.keys(require.cache).some((file) => file.endsWith('.node'))))
    process.argv.push('--help')
    require(${JSON.stringify(COMMAND)})`
  const { stderr } = spawnSync(process.execPath, ['-e', script, 'x'], { env: environment(), encoding: 'utf8' })
  assert.match(stderr, /^false/)
})

test('wrong usage is exit code 2, one line on standard error, and nothing on standard output', async (t) => {
  const state = folder(t, { 'state.json': {} })
  for (const [args, message] of [
    [['putt'], /^error: putt is not a command; did you mean "put"\? See stateseal --help$/],
    [['--sse', 'AES256', 'put'], /^error: The command comes first, before --sse/],
    [['put', '--regoin', 'x'], /^error: --regoin is not an option; did you mean "--region"\?/],
    [['put', '--ssekms-key-id=alias/x'], /^error: --ssekms-key-id is not an option; did you mean "--sse-kms-key-id"\?/],
    [['put', '-x'], /^error: -x is not an option/],
    [['put', '--region'], /^error: --region needs a value/],
    [['put', '--region', '--sse'], /^error: --region needs a value\. One that begins with - is written --region=-…$/],
    [['put', '--region='], /^error: --region is empty/],
    [['put', '--force-path-style=maybe'], /^error: --force-path-style takes no value but true or false$/],
    [['put', '--max-attempts', 'many'], /^error: --max-attempts must be a number$/],
    [['put', '--part-size', '5 parsecs'], /^error: --part-size must be a number of bytes\. Write such as/],
    [['put', '--metadata', 'nothing'], /^error: --metadata is not a pair/],
    [['put', '--sse-kms-encryption-context', '{oops'], /^error: --sse-kms-encryption-context is not valid JSON/],
    [['put', '--object-lock-retain-until-date', 'soon'], /^error: --object-lock-retain-until-date is not a date/],
    [['put', '--ca', 'none.pem'], /^error: --ca cannot be read: ENOENT/],
    [['put', '--external-id', 'x', 's', 's3://b/k'], /^error: --external-id needs --role-arn/],
    [['put'], /^error: No file is named\. Give a file, or - for standard input$/],
    [['put', '', 's3://b/k'], /^error: No file is named/],
    [['put', 'state.json'], /^error: No bucket is named/],
    [['put', 'state.json', 's3://b'], /^error: No key is named\. s3:\/\/b\/ keeps the name of the file$/],
    [
      ['put', '-', 's3://b/x/'],
      /^error: Standard input has no name to put behind the \/\. Give s3:\/\/b\/x\/name.json$/,
    ],
    [['put', 'state.json', 's3://b/k', '--key', 'k'], /^error: The target and --key both name a key/],
    [['put', 'state.json', 's3://b/k', 'more'], /^error: stateseal put takes no more than <file \| -> \[s3/],
    [['put', 'state.json', 's3://b/k', '--sse', 'AES-256'], /^error: encryption\.serverSideEncryption .* \(--sse\)/],
    [['put', 'state.json', 's3://b/k', '--sse-kms-key-id', 'x'], /^error: encryption\.sseKMSKeyId.*sse-kms-key-id\)/],
    [['put', 'state.json', 's3://b/k', '--region', 'no/where'], /^error: region is .* \(--region\)/],
    [['put', 'state.json', 's3://b/k', '--retry-mode', 'often'], /^error: retryMode is .*\(--retry-mode\)\. Give one/],
    [['headers'], /^error: No encryption is set\. Give --sse, or --bucket/],
    [['headers', '--sse', 'AES256', '--operation', 'PutObjct'], /^error: operation .*did you mean "PutObject"\?/],
    [['headers', '--config', 'none.yml'], /^error: --config none.yml cannot be read: ENOENT/],
  ]) {
    const { code, stdout, stderr } = await cli(t, args, { cwd: state })
    assert.deepEqual([code, stdout], [2, ''], `${args.join(' ')}: ${stderr}`)
    assert.match(stderr.trimEnd(), message)
    assert.match(stderr, /^[^\n]+\n$/, 'one line')
  }
  const nothing = await cli(t, [])
  assert.equal(nothing.code, 2)
  assert.match(nothing.stderr, /^stateseal: /)
})

test('a refusal is exit code 1, with the hint in the same line', async (t) => {
  const mock = await startMock(t, {
    PutObject: () => ({ status: 403, body: xmlError('AccessDenied', 'Access\nDenied') }),
  })
  const cwd = folder(t, { 'state.json': {} })
  const args = ['put', 'state.json', 's3://b/k', ...toServer(mock)]
  const plain = await cli(t, args, { cwd })
  assert.deepEqual([plain.code, plain.stdout], [1, ''])
  assert.match(plain.stderr, /^error: AccessDenied: Access Denied\. [^\n]+\n$/)
  const verbose = await cli(t, [...args, '--verbose'], { cwd })
  assert.match(verbose.stderr, /^setting: region|^setting: endpoint from --endpoint$/m)
  assert.match(verbose.stderr, /^ {4}at .*put\.js/m)
  const json = await cli(t, [...args, '--json'], { cwd })
  assert.equal(json.code, 1)
  const { error } = JSON.parse(json.stdout)
  assert.equal(error.name, 'AccessDenied')
  assert.equal(error.statusCode, 403)
  assert.equal(typeof error.hint, 'string')
  assert.match(json.stderr, /^error: AccessDenied/)
})

test('a server that is not there is exit code 1', async (t) => {
  const args = ['put', '-', 's3://b/k', '--sse', 'AES256', ...toServer({ endpoint: 'http://127.0.0.1:9' })]
  const { code, stderr } = await cli(t, args)
  assert.equal(code, 1)
  assert.match(stderr, /^error: [^\n]*ECONNREFUSED/)
})

test('colours only where they can be seen or are wanted', async (t) => {
  const args = ['headers', '--sse', 'AES256']
  const hasColour = async (env, more = args) => {
    const { stdout, stderr } = await cli(t, more, { env })
    return (stdout + stderr).includes('\u001b[')
  }
  assert.equal(await hasColour({}), false, 'not a terminal')
  assert.equal(await hasColour({ FORCE_COLOR: '1' }), true)
  assert.equal(await hasColour({ FORCE_COLOR: '0' }), false)
  assert.equal(await hasColour({ FORCE_COLOR: '1', NO_COLOR: '1' }), true, 'as in Node')
  assert.equal(await hasColour({ NO_COLOR: '1' }), false)
  assert.equal(await hasColour({ FORCE_COLOR: '1' }, ['--help']), true)
  assert.equal(await hasColour({ FORCE_COLOR: '1' }, ['nothing']), true)
  assert.equal(await hasColour({ FORCE_COLOR: '1' }, [...args, '--json']), false)
})

test('in a terminal: colours, and a bar for an upload that takes long', {
  skip: process.platform === 'win32',
}, async (t) => {
  const PutObject = async ({ headers }) => {
    await new Promise((resolve) => setTimeout(resolve, 900))
    return { headers: { etag: '"e"', 'x-amz-server-side-encryption': headers['x-amz-server-side-encryption'] } }
  }
  const slow = await startMock(t, { PutObject })
  const quick = await startMock(t)
  const cwd = folder(t, { 'state.json': { a: 1 } })
  const put = (mock) => ['put', 'state.json', 's3://b/k', ...toServer(mock)]
  const long = await inTerminal(t, put(slow), { cwd })
  assert.equal(long.code, 0, long.stdout)
  assert.match(long.stdout, /█{30}\S* 100 % {2}0\.0 MiB of 0\.0 MiB/)
  assert.ok(long.stdout.includes('\u001b[32m✔'))
  const off = await inTerminal(t, [...put(slow), '--no-progress'], { cwd })
  assert.equal(off.code, 0, off.stdout)
  assert.ok(!off.stdout.includes('█'))
  const plain = await inTerminal(t, put(quick), { cwd, env: { NO_COLOR: '1' } })
  assert.match(plain.stdout, /✔ s3/)
  assert.ok(!plain.stdout.includes('\u001b[32m'))
  assert.ok(!(await cli(t, put(slow), { cwd })).stderr.includes('█'), 'not without a terminal')
})

test("names of others do not move the terminal's cursor", async (t) => {
  const mock = await startMock(t)
  const { code, stdout } = await cli(t, ['put', '-', 's3://b/\u001b[2Jkey', ...toServer(mock)], { input: 'x' })
  assert.equal(code, 0)
  assert.match(stdout, /^✔ s3:\/\/b\/\\x1b\[2Jkey\n/)
})

test('a reader that leaves early is no error', async (t) => {
  const { child, ended } = start(t, ['put', '--help'])
  child.stdout.destroy()
  const { code, stderr } = await ended
  assert.deepEqual([code, stderr], [0, ''])
})

test('an error does not wait for the end of standard input', async (t) => {
  for (const args of [['--region', 'no/where'], toServer({ endpoint: 'http://127.0.0.1:9' })]) {
    const { child, ended } = start(t, ['put', '-', 's3://b/k', '--sse', 'AES256', ...args])
    child.stdin.on('error', () => {})
    // As much as needs an answer of S3 before more is read.
    child.stdin.write(Buffer.alloc(12 * 2 ** 20))
    assert.notEqual((await ended).code, 0)
  }
})

test('what cannot be written is exit code 1', { skip: process.platform !== 'linux' }, async (t) => {
  const full = openSync('/dev/full', 'w')
  t.after(() => closeSync(full))
  const { status } = spawnSync(process.execPath, [COMMAND, '--help'], { stdio: ['ignore', full, 'ignore'] })
  assert.equal(status, 1)
})
