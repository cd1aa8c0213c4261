// What S3, or something in its place, answers instead of success: the AWS SDK's error and ours.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-s3'
import { StatesealError, uploadState } from 'stateseal'
import { xmlError } from './support/mock.mjs'
import { accept, differences, settle, startRecorder } from './support/recorder.mjs'

const input = { Bucket: 'b', Key: 'k', Body: 'x' }
const IDS = { 'x-amz-request-id': 'R1', 'x-amz-id-2': 'I2', 'x-amz-cf-id': 'C3' }
let recorder
before(async (t) => {
  recorder = await startRecorder(t)
})

/** Both errors, and how often each sent. */
async function both(status, body, { headers = {}, config = {} } = {}) {
  recorder.answer = (request) =>
    request.method === 'PUT' ? { status, body, headers: { ...IDS, ...headers } } : accept(request)
  const settings = { ...recorder.config, maxAttempts: 1, ...config }
  const client = new sdk.S3Client(settings)
  const puts = () => recorder.take().filter(({ method }) => method === 'PUT').length
  const theirs = await settle(() => client.send(new sdk.PutObjectCommand(input)))
  theirs.puts = puts()
  client.destroy()
  const ours = await settle(() => uploadState(input, { ...settings, encryption: 'AES256' }))
  return { theirs, ours: { ...ours, puts: puts() } }
}

// `$response` is the SDK's own, and hidden. The rest is more than the SDK gives.
const OURS = ['code', 'hint', 'retryable', 'statusCode', 'requestId', '$retryable']
const NOT_COMPARED = ['stack', '$response', ...OURS]

/** All properties, the SDK's hidden ones included. */
function plain(error) {
  const names = Object.getOwnPropertyNames(error).filter((name) => !NOT_COMPARED.includes(name))
  const { totalRetryDelay, ...metadata } = error.$metadata ?? {}
  return { ...Object.fromEntries(names.map((name) => [name, error[name]])), name: error.name, $metadata: metadata }
}

const CODES = [
  'AccessDenied',
  'BucketAlreadyExists',
  'EncryptionTypeMismatch',
  'InvalidRequest',
  'InvalidWriteOffset',
  'NoSuchBucket',
  'NoSuchKey',
  'NoSuchUpload',
  'NotFound',
  'TooManyParts',
]

test('an error that is wrapped, and text in CDATA', async () => {
  const code = '<Code>AccessDenied</Code>'
  for (const body of [
    `<ErrorResponse><Error><Type>Sender</Type>${code}<Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    `<ErrorResponse><Error>${code}<Message><![CDATA[<no> & ]]>no</Message></Error></ErrorResponse>`,
    `<Error>${code}<Message><![CDATA[<no> & ]]>never</Message><HostId>h</HostId></Error>`,
    '<Error><Code><![CDATA[AccessDenied]]></Code><Message>m</Message></Error>',
    `<Error><!-- a comment -->${code}<Message>a<!-- another -->b</Message></Error>`,
  ]) {
    const { theirs, ours } = await both(403, body)
    // The SDK gives the wrapped element once more, as an object.
    delete theirs.error.Error
    assert.deepEqual(differences(plain(theirs.error), plain(ours.error)), {}, body)
  }
  const slow = '<ErrorResponse><Error><Code>SlowDown</Code></Error></ErrorResponse>'
  const { theirs, ours } = await both(400, slow, { config: { maxAttempts: 2 } })
  assert.deepEqual([theirs.puts, ours.puts], [2, 2])
})

test('a code of S3: the same properties, and instanceof each class of the SDK', async () => {
  for (const code of [...CODES, 'MadeUp']) {
    const more = { BucketName: 'b', RequestId: 'R1', HostId: 'I2', Condition: 'c' }
    const { theirs, ours } = await both(400, xmlError(code, `m & ü`.replace('&', '&amp;'), more))
    assert.deepEqual(differences(plain(theirs.error), plain(ours.error)), {}, code)
    for (const [name, type] of Object.entries(sdk)) {
      if (typeof type !== 'function' || !(type.prototype instanceof Error)) continue
      assert.equal(ours.error instanceof type, theirs.error instanceof type, `${code} instanceof ${name}`)
    }
    assert.ok(ours.error instanceof sdk.S3ServiceException)
    assert.ok(!(ours.error instanceof StatesealError))
    assert.deepEqual([ours.error.code, ours.error.statusCode, ours.error.requestId], [code, 400, 'R1'])
  }
})

test('the forms of an error body', async () => {
  const bodies = {
    namespace:
      '<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>AccessDenied</Code><Message>m</Message></Error>',
    spaces: '\n<?xml version="1.0"?>\n<Error>\n <Code>AccessDenied</Code>\n <Message>m</Message>\n</Error>\n',
    entities: '<Error><Code>AccessDenied</Code><Message>&lt;a&gt; &amp; &#252; &#xfc; ü</Message></Error>',
    'no message': '<Error><Code>AccessDenied</Code></Error>',
    'a message in lower case': '<Error><Code>AccessDenied</Code><message>m</message></Error>',
  }
  for (const [label, body] of Object.entries(bodies)) {
    const { theirs, ours } = await both(403, body)
    for (const field of ['name', 'Code', '$fault']) assert.equal(ours.error[field], theirs.error[field], label)
    if (theirs.error.message !== 'UnknownError') assert.equal(ours.error.message, theirs.error.message, label)
    else assert.match(ours.error.message, /answered 403 without/, label)
  }
})

test('answers without a usable body', async () => {
  for (const status of [302, 304, 400, 401, 403, 404, 405, 408, 409, 411, 412, 429, 500, 501, 502, 503, 504]) {
    const { theirs, ours } = await both(status, '')
    const { message: _, ...expected } = plain(theirs.error)
    const { message, ...found } = plain(ours.error)
    assert.deepEqual(differences(expected, found), {}, status)
    // The SDK says "UnknownError".
    assert.match(message, new RegExp(`answered ${status}`))
  }
  const bodies = ['<html><body>Bad</body></html>', 'text', '{"x":1}', '<Error><Code>Cut', '<Error><Code>A</Code><Mess']
  for (const body of bodies) {
    const { theirs, ours } = await both(502, body)
    // The SDK's own error is of its parser where the body is no XML; ours is of the answer.
    assert.equal(ours.error.name, 'Unknown', body)
    assert.equal(ours.error.Code, undefined, body)
    assert.equal(ours.error.$fault, 'server', body)
    assert.equal(ours.error.$metadata.httpStatusCode, theirs.error.$metadata.httpStatusCode, body)
  }
})

test('200 with an error is an error', async () => {
  for (const code of ['InternalError', 'SlowDown', 'MadeUp']) {
    const { theirs, ours } = await both(200, xmlError(code, 'm'))
    assert.deepEqual(differences(plain(theirs.error), plain(ours.error)), {}, code)
    assert.equal(ours.error.$metadata.httpStatusCode, 503)
  }
})

test('redirects', async () => {
  const elsewhere = { 'x-amz-bucket-region': 'eu-west-1' }
  const more = { Endpoint: 'b.s3.eu-west-1.amazonaws.com', Bucket: 'b' }
  for (const [status, body, headers] of [
    [301, xmlError('PermanentRedirect', 'm', more), elsewhere],
    [301, '', elsewhere],
    [307, xmlError('TemporaryRedirect', 'm', more), { location: 'http://127.0.0.1:1/' }],
    [400, xmlError('AuthorizationHeaderMalformed', 'm', { Region: 'eu-west-1' }), {}],
    [400, xmlError('IllegalLocationConstraintException', 'm'), elsewhere],
  ]) {
    for (const config of [{}, { followRegionRedirects: true }]) {
      const { theirs, ours } = await both(status, body, { headers, config })
      const what = `${status} ${body} ${JSON.stringify(config)}`
      assert.equal(ours.puts, theirs.puts, what)
      assert.equal(ours.error.$metadata.httpStatusCode, theirs.error.$metadata.httpStatusCode, what)
      if (body) assert.equal(ours.error.name, theirs.error.name, what)
    }
  }
})

test('tokens and signed strings are redacted, and nothing else', async () => {
  const told = {
    'Token-0': 'planted',
    StringToSign: 'planted',
    CanonicalRequest: 'planted',
    SignatureProvided: 'planted',
  }
  const { theirs, ours } = await both(403, xmlError('SignatureDoesNotMatch', 'm', { AWSAccessKeyId: 'AKIA', ...told }))
  const found = differences(plain(theirs.error), plain(ours.error))
  assert.deepEqual(Object.keys(found).sort(), Object.keys(told).sort())
  assert.ok(Object.values(found).every(([, value]) => value === '[redacted]'))
})

test('what is tried again', async () => {
  const codes = [
    ...['BandwidthLimitExceeded', 'EC2ThrottledException', 'LimitExceededException', 'PriorRequestNotComplete'],
    ...['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'RequestThrottled', 'SlowDown'],
    ...['RequestThrottledException', 'ThrottledException', 'Throttling', 'ThrottlingException'],
    ...['TooManyRequestsException', 'TransactionInProgressException', 'RequestTimeout', 'RequestTimeoutException'],
    ...['TimeoutError', 'InternalError', 'ServiceUnavailable', 'OperationAborted', 'ExpiredToken', 'AccessDenied'],
  ]
  const cases = codes.map((code) => [400, code])
  cases.push([503, 'SlowDown'], [500, 'InternalError'], [503, 'ServiceUnavailable'], [429, 'X'], [408, ''], [504, ''])
  cases.push([409, 'OperationAborted'], [200, 'InternalError'], [412, 'PreconditionFailed'])
  // Throttling is waited for up to a second: side by side, each on a server of its own.
  await Promise.all(
    cases.map(async ([status, code]) => {
      const stops = []
      const own = await startRecorder({ after: (stop) => stops.push(stop) })
      own.answer = (request) =>
        request.method === 'PUT' ? { status, body: code && xmlError(code, 'm') } : accept(request)
      const settings = { ...own.config, maxAttempts: 2 }
      const client = new sdk.S3Client(settings)
      await settle(() => client.send(new sdk.PutObjectCommand(input)))
      client.destroy()
      const theirs = own.take().length
      const { error } = await settle(() => uploadState(input, { ...settings, encryption: 'AES256' }))
      const ours = own.take().filter(({ method }) => method === 'PUT').length
      for (const stop of stops) stop()
      assert.equal(ours, theirs, `${status} ${code}`)
      assert.equal(error.$metadata.attempts, ours, `${status} ${code}`)
    }),
  )
})

test('409 ConditionalRequestConflict is tried again, which the SDK leaves to its caller', async () => {
  const { theirs, ours } = await both(409, xmlError('ConditionalRequestConflict'), { config: { maxAttempts: 3 } })
  assert.deepEqual([theirs.puts, ours.puts], [1, 3])
})

test('arguments: refused before anything is sent, with the reason of the SDK', async () => {
  const config = { ...recorder.config, encryption: 'AES256' }
  const client = new sdk.S3Client(recorder.config)
  for (const [params, name] of [
    [{ ...input, Bucket: 'a/b' }, 'InvalidBucketName'],
    [{ Key: 'k' }, 'MissingRequiredParameter'],
    [{ Bucket: 'b' }, 'MissingRequiredParameter'],
  ]) {
    const theirs = await settle(() => client.send(new sdk.PutObjectCommand(params)))
    const ours = await settle(() => uploadState(params, config))
    assert.ok(theirs.error && ours.error)
    assert.equal(ours.error.name, name)
    // The SDK has no name for a field that is missing.
    if (theirs.error.name !== 'Error') assert.equal(theirs.error.name, name)
    else assert.ok(ours.error.message.includes(theirs.error.message.slice(0, -1)), ours.error.message)
  }
  client.destroy()
  for (const region of ['a/b', 'a.b', '-x', 'us east']) {
    const bad = new sdk.S3Client({ ...recorder.config, region })
    const theirs = await settle(() => bad.send(new sdk.PutObjectCommand(input)))
    const ours = await settle(() => uploadState(input, { ...config, region }))
    assert.match(theirs.error.message, /not a valid hostname component/)
    assert.match(ours.error.message, /not a valid hostname component/)
  }
  recorder.take()
})
