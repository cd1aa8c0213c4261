// The request without sending it: explained with its secrets redacted, or signed for another to send.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { explainUpload, signState, uploadState } from 'stateseal'
import { startLocal } from './support/local.mjs'
import { encryptionXml, KEY_ARN, rejection, startMock } from './support/mock.mjs'

const CUSTOMER_KEY = randomBytes(32)
const input = { Bucket: 'signed', Key: 'a b/ü+state.json', State: { secret: 'planted-state' }, Metadata: { a: 'b' } }
let s3
let sdk

before(async () => {
  s3 = await startLocal({ kms: true, bucket: 'signed' })
  sdk = new S3Client(s3.clientConfig)
})
after(async () => {
  sdk?.destroy()
  await s3?.stop()
})

/** Sends what signState gives with Node alone. */
function send({ url, method, headers, body }) {
  const { hostname, port, pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path: pathname + search, method, headers, agent: false }
    http
      .request(options, async (response) => {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        resolve({ status: response.statusCode, headers: response.headers, text })
      })
      .on('error', reject)
      .end(body)
  })
}

const modes = () => ({
  AES256: 'AES256',
  KMS: {
    serverSideEncryption: 'aws:kms',
    sseKMSKeyId: s3.kms.keyArn,
    encryptionContext: { stage: 'planted-context' },
    bucketKeyEnabled: true,
  },
  'SSE-C': { sseCustomerKey: CUSTOMER_KEY },
  mirror: undefined,
})
const config = (encryption) => ({ ...s3.clientConfig, encryption, allowInsecureLoopback: true })

test("signState: Node's own client sends it, and it is stored encrypted", async () => {
  for (const [mode, encryption] of Object.entries(modes())) {
    const Key = `${mode}/${input.Key}`
    const signed = await signState({ ...input, Key }, config(encryption))
    assert.equal(signed.method, 'PUT')
    assert.ok(signed.body instanceof Uint8Array)
    assert.equal(Buffer.from(signed.body).toString(), JSON.stringify(input.State))
    assert.equal(signed.headers.host, new URL(s3.endpoint).host)
    assert.equal(signed.headers['content-length'], String(signed.body.length))
    assert.equal(signed.headers['content-type'], 'application/json')
    assert.equal(signed.headers['x-amz-content-sha256'], createHash('sha256').update(signed.body).digest('hex'))
    for (const [name, value] of Object.entries(signed.headers)) {
      assert.equal(name, name.toLowerCase())
      assert.equal(typeof value, 'string')
    }
    const { status, headers, text } = await send(signed)
    assert.equal(status, 200, text)
    const customer = mode === 'SSE-C' && {
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: CUSTOMER_KEY.toString('base64'),
      SSECustomerKeyMD5: createHash('md5').update(CUSTOMER_KEY).digest('base64'),
    }
    const head = await sdk.send(new HeadObjectCommand({ Bucket: 'signed', Key, ...customer }))
    assert.equal(head.ServerSideEncryption, { AES256: 'AES256', KMS: 'aws:kms', mirror: 'AES256' }[mode])
    assert.equal(head.SSEKMSKeyId, mode === 'KMS' ? s3.kms.keyArn : undefined)
    assert.deepEqual(head.Metadata, { a: 'b' })
    assert.ok(Object.keys(headers).some((name) => name.startsWith('x-amz-server-side-encryption')))
    const got = await sdk.send(new GetObjectCommand({ Bucket: 'signed', Key, ...customer }))
    assert.equal(await got.Body.transformToString(), JSON.stringify(input.State))
  }
})

test('signState: a change to any part is refused by the server', async () => {
  const signed = await signState({ ...input, Body: 'x', State: undefined }, config('AES256'))
  for (const changed of [
    { body: Buffer.from('y') },
    { headers: { ...signed.headers, 'x-amz-server-side-encryption': 'aws:kms' } },
    { url: signed.url.replace('state.json', 'other.json') },
  ]) {
    assert.ok((await send({ ...signed, ...changed })).status >= 400, Object.keys(changed)[0])
  }
  assert.equal((await send(signed)).status, 200)
})

test('signState: streams are read to their end; its headers are those of the upload', async (t) => {
  const mock = await startMock(t)
  const settings = {
    ...mock.config,
    encryption: 'AES256',
    credentials: { ...mock.config.credentials, sessionToken: 'T' },
  }
  const params = { Bucket: 'b', Key: 'k', ContentType: 'text/x', IfNoneMatch: '*' }
  const signed = await signState({ ...params, Body: Readable.from(['state', ' of', ' parts']) }, settings)
  assert.equal(mock.requests.length, 0)
  assert.equal(Buffer.from(signed.body).toString(), 'state of parts')
  await uploadState({ ...params, Body: 'state of parts' }, settings)
  const [sent] = mock.puts()
  assert.equal(new URL(signed.url).pathname + new URL(signed.url).search, sent.path)
  const changing = ['authorization', 'x-amz-date', 'amz-sdk-invocation-id', 'amz-sdk-request', 'accept']
  const names = (headers) => Object.keys(headers).filter((name) => !changing.includes(name) && name !== 'connection')
  for (const name of names(sent.headers)) assert.equal(signed.headers[name], sent.headers[name], name)
  const covered = signed.headers.authorization.match(/SignedHeaders=([^,]+)/)[1].split(';')
  for (const name of ['host', 'x-amz-server-side-encryption', 'x-amz-security-token', 'if-none-match']) {
    assert.ok(covered.includes(name), name)
  }
})

test('explainUpload: complete, redacted, and nothing is written', async () => {
  for (const [mode, encryption] of Object.entries(modes())) {
    const Key = `explained/${mode}`
    const credentials = { ...s3.credentials, secretAccessKey: s3.credentials.secretAccessKey }
    const told = await explainUpload({ ...input, Key }, { ...config(encryption), credentials })
    assert.equal(told.operation, 'PutObject')
    assert.equal(told.method, 'PUT')
    assert.equal(told.region, 'us-east-1')
    assert.equal(told.contentLength, JSON.stringify(input.State).length)
    assert.match(told.headers.authorization, /SignedHeaders=.*Signature=\[redacted\]$/)
    assert.equal(told.encryption.source, mode === 'mirror' ? 'bucket' : 'config')
    if (mode === 'SSE-C') {
      const name = 'x-amz-server-side-encryption-customer-key'
      assert.equal(told.headers[name], '[redacted]')
      assert.equal(told.headers[`${name}-md5`], '[redacted]')
    } else {
      assert.equal(told.headers['x-amz-server-side-encryption'], mode === 'KMS' ? 'aws:kms' : 'AES256')
    }
    if (mode === 'KMS') assert.deepEqual(told.encryption.requested.contextNames, ['stage'])
    const shown = JSON.stringify(told)
    const secrets = [
      'planted-state',
      'planted-context',
      s3.credentials.secretAccessKey,
      CUSTOMER_KEY.toString('base64'),
    ]
    secrets.push(createHash('md5').update(CUSTOMER_KEY).digest('base64'))
    secrets.push(Buffer.from('{"stage":"planted-context"}').toString('base64'))
    for (const secret of secrets) assert.ok(!shown.includes(secret), `${mode}: ${secret}`)
    await assert.rejects(sdk.send(new GetObjectCommand({ Bucket: 'signed', Key })), { name: 'NoSuchKey' })
  }
})

test('explainUpload: a session token is redacted; what goes in parts begins with CreateMultipartUpload', async (t) => {
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN }) }),
  })
  const credentials = { ...mock.config.credentials, sessionToken: 'planted-token' }
  const params = { Bucket: 'b', Key: 'k', Body: new Uint8Array(11 * 1024 * 1024) }
  const told = await explainUpload(params, { ...mock.config, credentials })
  assert.equal(told.operation, 'CreateMultipartUpload')
  assert.equal(told.method, 'POST')
  assert.match(told.url, /\/b\/k\?uploads/)
  assert.deepEqual(told.multipart, { partSize: 5 * 1024 * 1024, queueSize: 4 })
  assert.equal(told.contentLength, 11 * 1024 * 1024)
  assert.equal(told.headers['x-amz-server-side-encryption-aws-kms-key-id'], KEY_ARN)
  assert.equal(told.headers['x-amz-security-token'], '[redacted]')
  assert.doesNotMatch(JSON.stringify(told), /planted/)
  assert.deepEqual(
    mock.requests.map(({ operation }) => operation),
    ['GetBucketEncryption'],
    'it reads the default, and writes nothing',
  )
})

test('both can be stopped while a stream says nothing', async (t) => {
  const mock = await startMock(t)
  for (const call of [explainUpload, signState]) {
    const controller = new AbortController()
    const Body = new PassThrough()
    const config = { ...mock.config, encryption: 'AES256', abortSignal: controller.signal }
    const done = rejection(() => call({ Bucket: 'b', Key: 'k', Body }, config))
    setTimeout(() => controller.abort('enough'), 20)
    const error = await done
    assert.equal(error.name, 'AbortError')
    assert.equal(error.cause, 'enough')
    assert.ok(Body.destroyed)
  }
  assert.equal(mock.requests.length, 0)
})

test('both reject what the upload would reject', async (t) => {
  const mock = await startMock(t)
  for (const call of [explainUpload, signState]) {
    for (const [params, more, setting] of [
      [{ Bucket: 'b' }, {}, 'Key'],
      [{ Bucket: 'b', Key: 'k', Body: 7 }, {}, 'Body'],
      [{ Bucket: 'b', Key: 'k' }, { encryption: 'AES128' }, 'encryption'],
      [{ Bucket: 'b', Key: 'k' }, { credentials: { accessKeyId: 'A' } }, 'credentials.secretAccessKey'],
    ]) {
      const error = await rejection(() => call(params, { ...mock.config, ...more }))
      assert.equal(error.setting, setting)
    }
    const own = new Error('disk on fire')
    const failing = Readable.from(
      (function* () {
        yield 'x'
        throw own
      })(),
    )
    const params = { Bucket: 'b', Key: 'k', Body: failing }
    assert.equal(await rejection(() => call(params, { ...mock.config, encryption: 'AES256' })), own)
  }
  assert.equal(mock.requests.length, 0)
})
