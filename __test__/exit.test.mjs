// The process ends when it should, whatever is under way.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startMock } from './support/mock.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a script to its end: `{ code, signal, output, ms }`. */
function run(script, endpoint) {
  const begin = `
    const { uploadState } = require('stateseal')
    const upload = (Key, more) => uploadState({ Bucket: 'b', Key, State: {} }, {
      endpoint: '${endpoint}', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' },
      forcePathStyle: true, encryption: 'AES256', ...more,
    })\n`
  const child = spawn(process.execPath, ['-e', begin + script], { cwd: root })
  const started = Date.now()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, output, ms: Date.now() - started })
    })
  })
}

test('after the last promise', async (t) => {
  const mock = await startMock(t)
  const { code, output, ms } = await run(`upload('k').then(() => console.log('done'))`, mock.endpoint)
  assert.deepEqual([code, output], [0, 'done\n'])
  assert.ok(ms < 5000, `${ms} ms`)
})

test('connections of configurations that are no longer used are closed', async (t) => {
  const mock = await startMock(t)
  const open = []
  mock.answers.HeadBucket = async () => {
    // Behind the collector the connections are closed on another thread.
    for (let tries = 0; tries < 50 && (await mock.connections()) > 40; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    open.push(await mock.connections())
    return {}
  }
  const script = `
    require('node:v8').setFlagsFromString('--expose-gc')
    const gc = require('node:vm').runInNewContext('gc')
    ;(async () => {
      for (let n = 0; n < 100; n++) await upload('k' + n, { connectionTimeout: 5000 + n })
      for (let n = 0; n < 3; n++) { gc(); await new Promise(setImmediate) }
      await fetch('${mock.endpoint}', { method: 'HEAD' })
    })()`
  const { code, output } = await run(script, mock.endpoint)
  assert.equal(code, 0, output)
  assert.ok(open[0] <= 40, `${open} of 100 are open`)
})

test('with an upload under way', async (t) => {
  // Never answers; each child is gone long before.
  const mock = await startMock(t, { PutObject: () => new Promise(() => {}) })
  for (const [name, script, expected] of [
    ['process.exit', `upload('k'); setTimeout(() => process.exit(7), 200)`, { code: 7 }],
    ['process.exit at once', `upload('k'); process.exit(7)`, { code: 7 }],
    ['an uncaught throw', `upload('k'); setTimeout(() => { throw new Error('own') }, 200)`, { code: 1 }],
    ['an unhandled rejection', `upload('k'); setTimeout(() => Promise.reject(new Error('own')), 200)`, { code: 1 }],
    ['a signal', `upload('k'); setTimeout(() => process.kill(process.pid, 'SIGTERM'), 200)`, { signal: 'SIGTERM' }],
  ]) {
    const { code, signal, output, ms } = await run(script, mock.endpoint)
    if (expected.signal) assert.equal(signal, expected.signal, name)
    else assert.equal(code, expected.code, `${name}: ${output}`)
    assert.ok(ms < 10_000, `${name} took ${ms} ms`)
  }
})

test('in worker threads', async (t) => {
  const mock = await startMock(t, {
    PutObject: ({ path, headers }) =>
      path.includes('slow')
        ? new Promise(() => {})
        : { headers: { 'x-amz-server-side-encryption': headers['x-amz-server-side-encryption'] } },
  })
  const { code, output } = await run(
    `
    const { Worker, isMainThread, workerData } = require('node:worker_threads')
    const source = \`
      const { workerData } = require('node:worker_threads')
      const { uploadState } = require('stateseal')
      const upload = (Key) => uploadState({ Bucket: 'b', Key, State: {} }, {
        endpoint: workerData.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' },
        forcePathStyle: true, encryption: 'AES256',
      })
      upload(workerData.key).then(() => require('node:worker_threads').parentPort.postMessage('done'))
    \`
    const start = (key) => new Worker(source, { eval: true, workerData: { endpoint: '${mock.endpoint}', key } })
    const ended = (worker) => new Promise((resolve) => worker.on('exit', resolve))
    ;(async () => {
      const good = [1, 2, 3, 4].map((n) => start('k' + n))
      let done = 0
      for (const worker of good) worker.on('message', () => done++)
      await Promise.all(good.map(ended))
      const hung = [1, 2, 3, 4].map((n) => start('slow' + n))
      await new Promise((resolve) => setTimeout(resolve, 500))
      await Promise.all(hung.map((worker) => worker.terminate()))
      await upload('after')
      console.log('done', done)
    })()`,
    mock.endpoint,
  )
  assert.deepEqual([code, output], [0, 'done 4\n'])
})

test('what is thrown after an upload is thrown as anywhere', async (t) => {
  const mock = await startMock(t)
  for (const [name, later] of [
    ['in a promise', `throw new Error('own')`],
    ['in a tick', `process.nextTick(() => { throw new Error('own') })`],
    ['in a microtask', `queueMicrotask(() => { throw new Error('own') })`],
    ['in a timer', `setTimeout(() => { throw new Error('own') })`],
  ]) {
    const after = `upload('k').then(() => upload('k')).then(() => { ${later} })`
    const alone = await run(after, mock.endpoint)
    assert.equal(alone.code, 1, name)
    assert.match(alone.output, /Error: own\n/, name)
    const event = name === 'in a promise' ? 'unhandledRejection' : 'uncaughtException'
    const script = `process.on('${event}', ({ message }) => console.log('caught ' + message)); ${after}`
    const caught = await run(script, mock.endpoint)
    assert.deepEqual([caught.code, caught.output], [0, 'caught own\n'], name)
  }
})

test('in the middle of an answer', async (t) => {
  const mock = await startMock(t)
  for (const [name, script, code] of [
    ['process.exit', `upload('k').then(() => process.exit(7))`, 7],
    ['process.exit beside others', `for (let n = 0; n < 9; n++) upload('k' + n).then(() => process.exit(7))`, 7],
    ['an upload that follows', `upload('k').then(() => upload('k2')).then(() => process.exit(7))`, 7],
    ['one that nobody waits for', `upload('k').then(() => void upload('k2')); process.exitCode = 7`, 7],
  ]) {
    const ended = await run(script, mock.endpoint)
    assert.deepEqual([ended.code, ended.signal, ended.output], [code, null, ''], name)
  }
})
