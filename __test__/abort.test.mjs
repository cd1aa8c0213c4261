// An AbortSignal ends the wait at once, whatever is waited for, and nothing is left on the server.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { explainUpload, StateUploader, signState, uploadState } from 'stateseal'
import { rejection, startMock } from './support/mock.mjs'
import { accept, startRecorder } from './support/recorder.mjs'

const place = { Bucket: 'b', Key: 'k' }
const reason = new Error('enough')
const never = () => new Promise(() => {})

/** The error of a call that is stopped after a while, or before it begins. */
async function stopped(call, delay = 50) {
  const controller = new AbortController()
  if (delay === 0) controller.abort(reason)
  const done = rejection(() => call(controller.signal))
  if (delay > 0) setTimeout(() => controller.abort(reason), delay)
  let timer
  const late = new Promise((resolve) => (timer = setTimeout(resolve, 5000, new Error('waits on'))))
  const error = await Promise.race([done, late])
  clearTimeout(timer)
  assert.equal(error.name, 'AbortError', error.message)
  assert.equal(error.cause, reason)
  assert.equal(error.outcome, 'not-stored')
  return error
}

test('a function of the configuration that does not answer', async (t) => {
  const mock = await startMock(t)
  for (const name of ['region', 'endpoint']) {
    for (const delay of [0, 50]) {
      const config = { ...mock.config, [name]: never }
      for (const call of [uploadState, explainUpload, signState]) {
        const Body = new PassThrough()
        await stopped((abortSignal) => call({ ...place, Body }, { ...config, abortSignal }), delay)
        assert.ok(Body.destroyed, call.name)
      }
      const uploader = new StateUploader(config)
      const Body = new PassThrough()
      await stopped((abortSignal) => uploader.upload({ ...place, Body }, { abortSignal }), delay)
      assert.ok(Body.destroyed)
      uploader.destroy()
    }
  }
  assert.equal(mock.requests.length, 0)
})

test('one upload that is stopped does not stop the others of its uploader', async (t) => {
  const mock = await startMock(t)
  let release
  const region = () => new Promise((resolve) => (release = resolve))
  const uploader = new StateUploader({ ...mock.config, region })
  const other = uploader.upload({ ...place, Body: 'x' })
  await stopped((abortSignal) => uploader.upload(place, { abortSignal }))
  release('us-east-1')
  assert.equal((await other).$metadata.httpStatusCode, 200)
})

test('credentials that do not come, of what only signs', async (t) => {
  const mock = await startMock(t)
  for (const call of [explainUpload, signState]) {
    const Body = new PassThrough()
    await stopped((abortSignal) => call({ ...place, Body }, { ...mock.config, credentials: never, abortSignal }))
    assert.ok(Body.destroyed, call.name)
  }
  assert.equal(mock.requests.length, 0)
})

test('a pipe that nobody writes to', { skip: process.platform === 'win32' }, async (t) => {
  const mock = await startMock(t)
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-abort-'))
  const pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  t.after(() => {
    // Whoever opens a pipe waits in a thread, and the process for the thread.
    execFileSync('sh', ['-c', ': <> "$0"', pipe])
    rmSync(folder, { recursive: true })
  })
  for (const body of [() => createReadStream(pipe), () => ({ path: pipe })]) {
    const config = { ...mock.config, encryption: 'AES256' }
    await stopped((abortSignal) => uploadState({ ...place, Body: body() }, { ...config, abortSignal }))
  }
  assert.equal(mock.requests.length, 0)
})

test('CreateMultipartUpload that does not answer: its upload is removed when its id comes', async (t) => {
  for (const leavePartsOnError of [false, true]) {
    const recorder = await startRecorder(t)
    let release
    const held = new Promise((resolve) => (release = resolve))
    const removed = new Promise((resolve) => {
      recorder.answer = async (request) => {
        if (request.query.has('uploads')) await held
        if (request.method === 'DELETE') resolve(request.query.get('uploadId'))
        return accept(request)
      }
    })
    const config = { ...recorder.config, encryption: 'AES256', leavePartsOnError }
    const Body = Buffer.alloc(6 * 1024 * 1024)
    await stopped((abortSignal) => uploadState({ ...place, Body }, { ...config, abortSignal }), 300)
    release()
    const within = (ms) => new Promise((resolve) => setTimeout(resolve, ms, 'not removed').unref())
    const told = await Promise.race([removed, within(leavePartsOnError ? 500 : 5000)])
    assert.equal(told, leavePartsOnError ? 'not removed' : 'U 1/+')
    assert.ok(!recorder.take().some(({ method }) => method === 'PUT'))
  }
})

test('a stream that fails while the upload is created tells its error at once', async (t) => {
  const recorder = await startRecorder(t)
  recorder.answer = (request) => (request.query.has('uploads') ? never() : accept(request))
  const own = new Error('disk on fire')
  async function* failing() {
    yield Buffer.alloc(6 * 1024 * 1024)
    await new Promise((resolve) => setTimeout(resolve, 100))
    throw own
  }
  const upload = uploadState({ ...place, Body: failing() }, { ...recorder.config, encryption: 'AES256' })
  assert.equal(await rejection(() => upload), own)
})
