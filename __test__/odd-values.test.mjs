// Plain data crosses into the addon in one call, as JSON; all else, and all that is watched, as objects.
// Values that the two could take for different things are taken for the same, and break nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainUpload, StateUploader, uploadState } from 'stateseal'
import { KEY_ARN, rejection, startMock } from './support/mock.mjs'

const place = { Bucket: 'b', Key: 'k' }
const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'not-a-real-secret' }
const watched = () => ({ abortSignal: new AbortController().signal })

function cyclic() {
  const object = { deep: {} }
  object.deep.object = object
  return object
}

/** What came of the upload in each of the two ways: the headers that were sent, or the error. */
async function bothWays(mock, params, config = {}) {
  const outcomes = []
  for (const way of [{}, watched()]) {
    const before = mock.puts().length
    const upload = uploadState({ ...place, ...params }, { ...mock.config, encryption: 'AES256', ...config, ...way })
    const outcome = await upload.then(
      () => mock.puts().at(-1).headers,
      ({ name, message, setting }) => ({ name, message, setting }),
    )
    assert.equal(mock.puts().length - before, outcome.name ? 0 : 1)
    for (const header of ['x-amz-date', 'authorization', 'amz-sdk-invocation-id']) delete outcome[header]
    outcomes.push(outcome)
  }
  assert.deepEqual(outcomes[0], outcomes[1])
  return outcomes[0]
}

test('numbers are sent as JavaScript writes them', async (t) => {
  const mock = await startMock(t)
  for (const number of [0.1 + 0.2, 8.41, 7.885e-7, 2 ** 53 + 2, 1e21, 5e-324, -0, 123456789.12345679]) {
    const headers = await bothWays(mock, { Metadata: { n: number } })
    assert.equal(Number(headers['x-amz-meta-n']), number + 0, String(number))
  }
  const { message } = await bothWays(mock, {}, { partSize: 8.41 })
  assert.match(message, /is 8\.41/)
})

test('undefined is null in an encryption context, and nothing elsewhere', async (t) => {
  const mock = await startMock(t)
  for (const value of [undefined, null]) {
    const encryption = { sse: 'aws:kms', sseKMSKeyId: KEY_ARN }
    const error = await bothWays(mock, {}, { encryption: { ...encryption, encryptionContext: { a: value } } })
    assert.match(error.message, /encryption\.encryptionContext\.a must not be null/)
    await bothWays(mock, { Metadata: { a: value } }, { encryption: { sse: 'AES256', sseKMSKeyId: value } })
  }
})

test('half a character is refused wherever it stands', async (t) => {
  const mock = await startMock(t)
  for (const [params, config, setting] of [
    [{ Key: 'k\ud800' }, {}, 'Key'],
    [{ Metadata: { 'a\ud800': 'x' } }, {}, 'Metadata.a\ud800'],
    [{ Metadata: { a: '\udc00' } }, {}, 'Metadata.a'],
    [{}, { credentials: { ...keys, sessionToken: 'planted\ud800' } }, 'credentials.sessionToken'],
    [{}, { credentials: async () => ({ ...keys, accessKeyId: '\ud800' }) }, 'credentials.accessKeyId'],
    [{}, { region: async () => 'r\ud800' }, 'region'],
  ]) {
    const error = await bothWays(mock, params, config)
    assert.equal(error.setting, setting)
    assert.match(error.message, /half a character/)
    assert.ok(!error.message.includes('planted'))
  }
  // A name that means nothing is ignored, as in the SDK.
  const headers = await bothWays(mock, { 'x\ud800': 1 })
  assert.equal(headers['content-length'], '0')
})

test('cycles end', async (t) => {
  const mock = await startMock(t)
  const provided = (value) => async () => value
  for (const [config, setting] of [
    [{ credentials: { ...keys, secretAccessKey: cyclic() } }, /^credentials\.secretAccessKey/],
    [{ credentials: { ...keys, sessionToken: cyclic() } }, /^credentials\.sessionToken/],
    [{ credentials: provided({ ...keys, accessKeyId: cyclic() }) }, /^credentials\.accessKeyId/],
    [{ region: cyclic() }, /^region/],
    [{ region: provided(cyclic()) }, /^region/],
    [{ assumeRole: cyclic() }, /^assumeRole/],
  ]) {
    const error = await bothWays(mock, {}, config)
    assert.match(error.setting, setting)
    assert.match(error.message, /nested too deeply/)
  }
})

test('a toJSON that is not of the caller changes nothing', async (t) => {
  const mock = await startMock(t)
  // As an old release of Prototype.js does.
  Object.defineProperty(Array.prototype, 'toJSON', { value: () => 'changed', configurable: true })
  t.after(() => delete Array.prototype.toJSON)
  class List extends Array {
    toJSON() {
      return 'changed'
    }
  }
  assert.equal((await bothWays(mock, {}))['content-length'], '0')
  const { message } = await bothWays(mock, { Metadata: { a: List.of('x') } })
  assert.match(message, /^Metadata\.a must not be an array/)
})

test('dates count by their time alone', async (t) => {
  const mock = await startMock(t)
  const time = Date.UTC(2030, 0, 2)
  const bare = Object.setPrototypeOf(new Date(time), null)
  const strange = Object.defineProperty(new Date(time), Symbol.toPrimitive, { value: () => 'x' })
  for (const Expires of [bare, strange, new Date(time)]) {
    assert.equal((await bothWays(mock, { Expires })).expires, 'Wed, 02 Jan 2030 00:00:00 GMT')
  }
  const { setting } = await bothWays(mock, { Expires: new Date(Number.NaN) })
  assert.equal(setting, 'Expires')
})

test('of several bad arguments both ways name the same', async (t) => {
  const mock = await startMock(t)
  await bothWays(mock, { Bucket: 'a/b' }, { credentials: 'AKIA' })
  await bothWays(mock, { Metadata: 7 }, { credentials: { accessKeyId: 7 } })
  await bothWays(mock, { Metadata: 7, Expires: 'never' }, { encryption: 'rot13' })
})

test('credentials count as they are at the call', async (t) => {
  const mock = await startMock(t)
  for (const way of [{}, watched()]) {
    for (const provided of [{}, { region: async () => 'us-east-1' }]) {
      const credentials = { ...keys }
      const upload = uploadState(place, { ...mock.config, ...way, ...provided, credentials })
      credentials.accessKeyId = 'AKIACHANGED'
      await upload
      assert.match(mock.puts().at(-1).headers.authorization, /Credential=AKIAEXAMPLE\//)
    }
  }
})

test('bytes of a key count as they are at the call', async (t) => {
  const mock = await startMock(t)
  const bodies = ['x', Buffer.alloc(6 * 1024 * 1024), new Blob(['x'])]
  for (const more of [{}, watched(), { region: async () => 'us-east-1' }]) {
    for (const Body of bodies) {
      const key = Buffer.alloc(32, 7)
      const config = { ...mock.config, ...more, partSize: 64 * 1024 * 1024, allowInsecureLoopback: true }
      const upload = uploadState({ ...place, Body }, { ...config, encryption: { sseCustomerKey: key } })
      key.fill(0)
      await upload
      const sent = mock.puts().at(-1).headers['x-amz-server-side-encryption-customer-key']
      assert.equal(sent, Buffer.alloc(32, 7).toString('base64'))
    }
  }
})

test('a body whose memory a getter takes away is not stored as nothing', async (t) => {
  const mock = await startMock(t)
  const buffer = new ArrayBuffer(64)
  const config = {
    ...mock.config,
    get stage() {
      if (buffer.byteLength > 0) structuredClone(buffer, { transfer: [buffer] })
      return undefined
    },
  }
  const error = await rejection(() => uploadState({ ...place, Body: buffer }, config))
  assert.equal(error.setting, 'Body')
  assert.equal(mock.puts().length, 0)
})

test('what explainUpload was given counts as it was', async (t) => {
  const mock = await startMock(t)
  const Body = Buffer.from('original')
  const expected = await explainUpload({ ...place, Body }, mock.config)
  const explaining = explainUpload({ ...place, Body }, mock.config)
  Body.fill(0)
  assert.equal((await explaining).headers['x-amz-checksum-crc32'], expected.headers['x-amz-checksum-crc32'])
})

test('names of metadata that differ in case alone are one', async (t) => {
  const mock = await startMock(t)
  const headers = await bothWays(mock, { Metadata: { A: '1', a: '2' } })
  assert.equal(headers['x-amz-meta-a'], '2')
})

test('user and password of an endpoint are neither signed nor shown', async (t) => {
  const mock = await startMock(t)
  const config = { ...mock.config, endpoint: mock.endpoint.replace('//', '//user:planted@') }
  const records = []
  const result = await uploadState(place, { ...config, audit: (record) => records.push(record) })
  const explained = await explainUpload(place, config)
  assert.equal(explained.headers.host, new URL(mock.endpoint).host)
  assert.doesNotMatch(JSON.stringify([result, records, explained]), /planted/)
})

test('abortSignal ends an upload that waits for its credentials', async (t) => {
  const mock = await startMock(t)
  const credentials = () => new Promise(() => {})
  const reason = new Error('enough')
  for (const delay of [undefined, 50]) {
    const controller = new AbortController()
    if (delay) setTimeout(() => controller.abort(reason), delay)
    else controller.abort(reason)
    const config = { ...mock.config, credentials, abortSignal: controller.signal }
    const error = await rejection(() => uploadState(place, config))
    assert.equal(error.name, 'AbortError')
    assert.equal(error.cause, reason)
  }
  assert.equal(mock.requests.length, 0)
})

test('uploads of one configuration open no more than fifty connections', async (t) => {
  const mock = await startMock(t)
  let most = 0
  mock.answers.PutObject = async ({ headers }) => {
    most = Math.max(most, await mock.connections())
    await new Promise((resolve) => setTimeout(resolve, 20))
    return { headers: { 'x-amz-server-side-encryption': headers['x-amz-server-side-encryption'] } }
  }
  const config = { ...mock.config, encryption: 'AES256' }
  await Promise.all(Array.from({ length: 200 }, (_, n) => uploadState({ ...place, Key: `k${n}` }, config)))
  assert.ok(most > 10 && most <= 50, `${most} connections`)
})

test('configurations that differ are never taken for one', async (t) => {
  const mock = await startMock(t)
  const config = { ...mock.config, encryption: 'AES256' }
  const role = { roleArn: 'arn:aws:iam::111122223333:role/state' }
  for (const [good, bad, setting] of [
    [{ noProxy: '["a"]' }, { noProxy: ['a'] }, 'noProxy'],
    [{ userAgentAppId: 'null' }, { userAgentAppId: { toString: 1 } }, 'userAgentAppId'],
    [{ region: 'us-east-1' }, { region: { a: 1n } }, 'region'],
    [{ noProxy: '{}' }, { noProxy: { a: () => {} } }, 'noProxy'],
    [{}, { assumeRole: { ...role, durationSeconds: 900n } }, 'assumeRole.durationSeconds'],
    [{}, { assumeRole: { ...role, durationSeconds: Number.NaN } }, 'assumeRole.durationSeconds'],
  ]) {
    await uploadState(place, { ...config, ...good })
    const error = await rejection(() => uploadState(place, { ...config, ...bad }))
    assert.equal(error.setting, setting, error.message)
  }
  await uploadState(place, { ...config, userAgentAppId: 'null' })
  assert.match(mock.puts().at(-1).headers['user-agent'], /app\/null/)
  await uploadState(place, { ...config, userAgentAppId: null })
  assert.doesNotMatch(mock.puts().at(-1).headers['user-agent'], /app\/null/)
})

test('an uploader that is destroyed while it gets ready finishes its uploads and keeps nothing', async (t) => {
  const mock = await startMock(t)
  let release
  const region = () => new Promise((resolve) => (release = resolve))
  const uploader = new StateUploader({ ...mock.config, region })
  const uploads = [uploader.upload(place), uploader.upload({ ...place, Body: 'x' })]
  uploader.destroy()
  release('us-east-1')
  assert.equal((await Promise.all(uploads)).length, 2)
  const { message } = await rejection(() => uploader.upload(place))
  assert.match(message, /was destroyed/)
})

test('functions of the configuration are called once, however many uploads wait and come', async (t) => {
  const mock = await startMock(t)
  let calls = 0
  const region = async () => {
    calls++
    return 'us-east-1'
  }
  const uploader = new StateUploader({ ...mock.config, region })
  const uploads = []
  for (let n = 0; n < 60; n++) {
    uploads.push(uploader.upload({ ...place, Key: `k${n}` }))
    await undefined
  }
  await Promise.all(uploads)
  assert.equal(calls, 1)
})

test('functions of the configuration are asked again after one of them has failed', async (t) => {
  const mock = await startMock(t)
  let fails = true
  const own = new Error('not now')
  const endpoint = async () => {
    if (fails) throw own
    return mock.endpoint
  }
  const uploader = new StateUploader({ ...mock.config, region: async () => 'us-east-1', endpoint })
  assert.equal(await rejection(() => uploader.upload(place)), own)
  fails = false
  await uploader.upload(place)
})

const ODD = [
  Symbol('s'),
  null,
  undefined,
  Object.create(null),
  { message: Symbol('m') },
  {
    get message() {
      throw new Error('from the getter')
    },
  },
]

test('whatever a callback throws, a finished upload stands', async (t) => {
  const mock = await startMock(t)
  const warnings = []
  const hear = (warning) => warnings.push(warning)
  process.on('warning', hear)
  t.after(() => process.off('warning', hear))
  for (const thrown of ODD) {
    const throws = () => {
      throw thrown
    }
    const rejects = () => Promise.reject(thrown)
    for (const callback of [throws, rejects]) {
      for (const options of [{ audit: callback }, { onProgress: callback }]) {
        const result = await uploadState({ ...place, Body: 'x' }, { ...mock.config, ...options })
        assert.equal(result.Key, 'k')
      }
    }
  }
  await new Promise(setImmediate)
  const codes = new Set(warnings.map(({ code }) => code))
  assert.deepEqual([...codes].sort(), ['STATESEAL_AUDIT', 'STATESEAL_PROGRESS'])
  for (const { message } of warnings) assert.match(message, /(threw|written): ./)
})

test('whatever a toJSON throws, State is named', async (t) => {
  const mock = await startMock(t)
  for (const thrown of ODD) {
    const State = {
      toJSON() {
        throw thrown
      },
    }
    const error = await rejection(() => uploadState({ ...place, State }, mock.config))
    assert.equal(error.setting, 'State')
  }
})
