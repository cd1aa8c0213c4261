// Bodies too big for one put: the requests, results and failures of lib-storage's Upload.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { uploadState } from 'stateseal'
import { startDifferential } from './support/differential.mjs'
import { xmlError } from './support/mock.mjs'
import { accept, settle } from './support/recorder.mjs'

const MIB = 1024 * 1024
const BODY = Buffer.alloc(11 * MIB, 'x')
const input = { Bucket: 'b', Key: 'dir/k ü' }

let check
let recorder
before(async (t) => {
  ;({ check, recorder } = await startDifferential(t))
})

test('the same requests, in each mode of encryption and with every field that goes with parts', async () => {
  const context = Buffer.from('{"stage":"dev"}').toString('base64')
  const date = new Date('2031-02-03T04:05:06Z')
  const inputs = {
    plain: {},
    AES256: { ServerSideEncryption: 'AES256' },
    KMS: { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/x', SSEKMSEncryptionContext: context },
    'bucket key': { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/x', BucketKeyEnabled: true },
    DSSE: { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: 'alias/x' },
    'SSE-C': { SSECustomerAlgorithm: 'AES256', SSECustomerKey: Buffer.alloc(32, 'k') },
    'SHA-256': { ChecksumAlgorithm: 'SHA256' },
    CRC64NVME: { ChecksumAlgorithm: 'CRC64NVME' },
    IfMatch: { IfMatch: '"e"' },
    'known length': { ContentLength: BODY.length },
    everything: {
      ACL: 'private',
      CacheControl: 'a',
      ContentDisposition: 'inline',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      ContentType: 'text/x',
      ExpectedBucketOwner: '111122223333',
      Expires: date,
      GrantRead: 'id="x"',
      IfNoneMatch: '*',
      Metadata: { A: 'b' },
      ObjectLockEventHold: 'ON',
      ObjectLockEventHoldDurationDays: 1,
      ObjectLockLegalHoldStatus: 'ON',
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: date,
      RequestPayer: 'requester',
      StorageClass: 'STANDARD_IA',
      Tagging: 'a=b',
      WebsiteRedirectLocation: '/x',
    },
  }
  for (const [label, more] of Object.entries(inputs)) {
    await check(() => ({ ...input, Body: BODY, ...more }), { label, parts: true })
  }
})

test('the same parts', async () => {
  const required = { requestChecksumCalculation: 'WHEN_REQUIRED' }
  const make = (length, more) => () => ({ ...input, Body: BODY.subarray(0, length), ...more })
  await check(make(10 * MIB), { label: 'exactly two', parts: true })
  await check(make(5 * MIB + 1), { label: 'the last of one byte', parts: true })
  await check(make(11 * MIB), { label: 'large parts', parts: true, transfer: { partSize: 6 * MIB, queueSize: 1 } })
  await check(make(6 * MIB), { label: 'one large part', transfer: { partSize: 6 * MIB } })
  await check(make(11 * MIB), { label: 'when required', parts: true, config: required })
  await check(make(6 * MIB, { ChecksumAlgorithm: 'SHA1' }), { label: 'SHA1', parts: true, config: required })
})

test('a checksum or MD5 of the whole goes with the whole, where lib-storage sends it with each part', async () => {
  for (const field of ['ChecksumCRC32', 'ContentMD5']) {
    await uploadState({ ...input, Body: BODY, [field]: 'AAAA' }, { ...recorder.config, encryption: 'AES256' })
    const requests = recorder.take()
    assert.deepEqual(
      requests.map(({ method, body }) => [method, body.length]),
      [['PUT', BODY.length]],
    )
  }
})

const isPart = (number) => (request) => request.query.get('partNumber') === String(number)
const isComplete = ({ method, query }) => method === 'POST' && query.has('uploadId')
const isCreate = ({ method, query }) => method === 'POST' && query.has('uploads')

test('what fails is told as lib-storage tells it, and removed as there', async (t) => {
  t.after(() => {
    recorder.answer = accept
  })
  const denied = { status: 403, body: xmlError('AccessDenied', 'Access Denied') }
  const cases = [
    ['create', isCreate, denied, {}, []],
    ['a part', isPart(2), denied, {}, ['DELETE']],
    ['a part, parts left', isPart(2), denied, { leavePartsOnError: true }, []],
    ['complete', isComplete, denied, {}, ['DELETE']],
    ['complete, 200 with an error', isComplete, { body: xmlError('InternalError', 'again') }, {}, ['DELETE']],
    [
      'complete of an upload that is gone',
      isComplete,
      { status: 404, body: xmlError('NoSuchUpload', 'gone') },
      {},
      ['DELETE'],
    ],
  ]
  for (const [label, matches, answer, transfer, removed] of cases) {
    recorder.answer = (request) => (matches(request) ? answer : accept(request))
    const config = { ...recorder.config, maxAttempts: 1 }
    const client = new S3Client(config)
    const theirs = await settle(() => new Upload({ client, params: { ...input, Body: BODY }, ...transfer }).done())
    client.destroy()
    const deleted = () => recorder.take().flatMap(({ method }) => (method === 'DELETE' ? [method] : []))
    assert.deepEqual(deleted(), removed, `${label}: lib-storage`)
    const ours = await settle(() =>
      uploadState({ ...input, Body: BODY }, { ...config, encryption: 'AES256', ...transfer }),
    )
    assert.deepEqual(deleted(), removed, label)
    for (const field of ['name', 'message', 'Code', '$fault']) {
      assert.equal(ours.error[field], theirs.error[field], `${label}: ${field}`)
    }
    assert.equal(ours.error.$metadata.httpStatusCode, theirs.error.$metadata.httpStatusCode, label)
  }
})

test('a part that S3 took without an ETag is no part', async (t) => {
  t.after(() => {
    recorder.answer = accept
  })
  recorder.answer = (request) => (isPart(1)(request) ? {} : accept(request))
  const client = new S3Client(recorder.config)
  const theirs = await settle(() => new Upload({ client, params: { ...input, Body: BODY } }).done())
  client.destroy()
  assert.match(theirs.error.message, /ETag/)
  recorder.take()
  const ours = await settle(() => uploadState({ ...input, Body: BODY }, { ...recorder.config, encryption: 'AES256' }))
  assert.match(ours.error?.message ?? 'resolved', /ETag/)
  const methods = recorder.take().map(({ method }) => method)
  assert.equal(methods.filter((method) => method === 'DELETE').length, 1)
  assert.equal(methods.filter((method) => method === 'POST').length, 1, 'not completed')
})

test('an answer to CompleteMultipartUpload counts only when it is whole', async (t) => {
  t.after(() => {
    recorder.answer = accept
  })
  const whole = accept({ method: 'POST', path: '/b/k', query: new URLSearchParams('uploadId=U'), headers: {} }).body
  const cases = [
    ['empty once', '', 1, 2],
    ['empty each time', '', 3, 3],
    ['cut off behind the ETag', whole.replace(/<\/Complete.*/, ''), 1, 1],
    ['cut off within the ETag', whole.slice(0, whole.indexOf('all-1') + 3), 1, 1],
    ['cut off in the last tag', whole.slice(0, -3), 1, 1],
    ['spaces', '  \n', 1, 1],
    ['whole, behind spaces', `<?xml version="1.0"?>\n  \n ${whole}`, 1, 1],
  ]
  for (const [label, body, times, completes] of cases) {
    const send = async (call) => {
      let count = 0
      recorder.answer = (request) => (isComplete(request) && ++count <= times ? { body } : accept(request))
      const outcome = await settle(call)
      const deletes = recorder.take().filter(({ method }) => method === 'DELETE').length
      assert.equal(count, completes, label)
      return { ...outcome, deletes }
    }
    const client = new S3Client(recorder.config)
    const theirs = await send(() => new Upload({ client, params: { ...input, Body: BODY } }).done())
    client.destroy()
    const ours = await send(() => uploadState({ ...input, Body: BODY }, { ...recorder.config, encryption: 'AES256' }))
    assert.equal(ours.value?.ETag, theirs.value?.ETag, label)
    assert.equal(ours.deletes, theirs.deletes, label)
    if (theirs.error?.name === 'InternalError') {
      for (const field of ['name', 'message']) assert.equal(ours.error[field], theirs.error[field])
    }
    for (const field of ['httpStatusCode', 'attempts']) {
      const [theirField, own] = [theirs, ours].map(({ value, error }) => (value ?? error).$metadata[field])
      assert.equal(own, theirField, `${label}: ${field}`)
    }
  }
})
