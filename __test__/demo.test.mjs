// The demo and the local server, as a user runs them.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cache, startLocal } from './support/local.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

async function until(condition, what) {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail(what)
}

const answers = (url) =>
  fetch(url).then(
    () => true,
    () => false,
  )

test('the demo ends by itself, and shows what it promises', async () => {
  await startLocal({}).then((s3) => s3.stop())
  const env = { ...process.env, STATESEAL_CACHE: cache }
  const { stdout } = await promisify(execFile)(process.execPath, ['examples/demo/run.js'], { cwd: root, env })
  assert.match(stdout, /AccessDenied/)
  assert.match(stdout, /accepted: version \w+/)
  assert.match(stdout, /x-amz-server-side-encryption: AES256/)
  assert.match(stdout, /bytes, identical; encryption AES256/)
  const [, port] = stdout.match(/http:\/\/127\.0\.0\.1:(\d+)/)
  assert.equal(await answers(`http://127.0.0.1:${port}`), false, 'nothing is left running')
})

test('the server ends with a process that is killed', { skip: process.platform !== 'linux' }, async () => {
  const script = `
    require('./testing').startLocalS3({ cache: ${JSON.stringify(cache)}, install: true })
      .then((s3) => { console.log(s3.endpoint); setInterval(() => {}, 1000) })`
  const child = spawn(process.execPath, ['-e', script], { cwd: root })
  const endpoint = await new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()))
    child.once('exit', () => reject(new Error('it did not start')))
  })
  const childOf = (pid) => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
  const guard = childOf(child.pid)
  const server = childOf(guard)
  const commandLine = readFileSync(`/proc/${guard}/cmdline`, 'utf8')
  const folder = commandLine.split('\0')[2]
  assert.ok(folder.startsWith(tmpdir()) && readdirSync(folder).length > 0)
  const ports = Array.from(commandLine.matchAll(/port(?:\.grpc)?=(\d+)/g), ([, port]) => port)
  const sockets = () =>
    readdirSync('/tmp').filter((name) =>
      ports.some((port) => name.startsWith('seaweedfs-') && name.endsWith(`-${port}.sock`)),
    )
  assert.ok(sockets().length > 0)
  const isLog = (name) => name.startsWith('weed.') && name.endsWith(`.${server}`)
  assert.ok(server > 0 && !readdirSync('/tmp').some(isLog), 'its logs are elsewhere')
  child.kill('SIGKILL')
  await until(async () => !(await answers(endpoint)), 'the server still answers')
  await until(() => !existsSync(folder), 'its folder is still there')
  await until(() => sockets().length === 0, 'its sockets are still there')
})

test('a missing server is installed only with consent', async () => {
  await assert.rejects(startLocal({ install: false, cache: `${tmpdir()}/stateseal-nowhere` }), /install: true/)
})
