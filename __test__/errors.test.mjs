// Errors have the AWS SDK's shape, its classes, a hint, and the caller's stack.
import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { NoSuchBucket, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { StatesealError, uploadState } from 'stateseal'
import { KEY_ARN, rejection, startMock, xmlError } from './support/mock.mjs'

const input = { Bucket: 'b', Key: 'k', Body: 'x' }
const policyDenies = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'OnlyOurKey',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: 'arn:aws:s3:::b/*',
      Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN } },
    },
  ],
}

async function refused(t, status, body, config = {}, answers = {}) {
  const mock = await startMock(t, { PutObject: () => ({ status, body }), ...answers })
  return rejection(() => uploadState(input, { ...mock.config, encryption: 'AES256', ...config }))
}

test("S3's errors are the SDK's errors", async (t) => {
  const body = xmlError('NoSuchBucket', 'The specified bucket does not exist', {
    BucketName: 'b',
    HostId: 'I2',
    RequestId: 'R1',
  })
  const mock = await startMock(t, { PutObject: () => ({ status: 404, body }) })
  const client = new S3Client(mock.config)
  const theirs = await rejection(() => client.send(new PutObjectCommand(input)))
  client.destroy()
  const error = await rejection(() => uploadState(input, { ...mock.config, encryption: 'AES256' }))
  assert.ok(error instanceof Error)
  assert.ok(error instanceof S3ServiceException)
  assert.ok(error instanceof NoSuchBucket)
  assert.ok(!(error instanceof StatesealError))
  for (const field of ['name', 'message', 'Code', '$fault', 'BucketName', 'HostId']) {
    assert.equal(error[field], theirs[field], field)
  }
  const { requestId, ...ours } = error.$metadata
  assert.match(requestId, /^R\d$/)
  const { requestId: _, cfId: __, ...sdk } = theirs.$metadata
  assert.deepEqual(ours, sdk)
  assert.deepEqual([error.code, error.statusCode, error.requestId], ['NoSuchBucket', 404, requestId])
  assert.equal(error.retryable, false)
  assert.match(error.hint, /does not exist/)
  assert.match(error.stack, /^NoSuchBucket: The specified bucket does not exist\n/)
  assert.match(error.stack, /errors\.test\.mjs/, "the caller's stack")
  for (const field of ['name', 'message', 'code', 'hint', '$metadata']) {
    const { value, ...attributes } = Object.getOwnPropertyDescriptor(error, field)
    const { value: _, ...sdks } = Object.getOwnPropertyDescriptor(theirs, field === 'message' ? 'message' : 'name')
    assert.deepEqual(attributes, sdks, field)
    error[field] = 'changed'
    assert.equal(error[field], 'changed')
  }
})

test('a hint for each refusal', async (t) => {
  const user =
    'User: arn:aws:iam::111122223333:user/u is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"'
  for (const [status, code, message, hint] of [
    [
      403,
      'AccessDenied',
      `${user} with an explicit deny in a resource-based policy`,
      /policy of bucket b refused AES256/,
    ],
    [403, 'AccessDenied', `${user} with an explicit deny in a service control policy`, /service control policy/],
    [403, 'AccessDenied', `${user} because no identity-based policy allows the s3:PutObject action`, /s3:PutObject/],
    [
      403,
      'AccessDenied',
      `User: u is not authorized to perform: kms:GenerateDataKey on resource: ${KEY_ARN}`,
      /kms:GenerateDataKey/,
    ],
    [
      403,
      'AccessDenied',
      'no, because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type',
      /blocks SSE-C/,
    ],
    [301, 'PermanentRedirect', 'elsewhere', /followRegionRedirects/],
    [400, 'KMS.NotFoundException', 'Invalid keyId', /full ARN/],
    [400, 'KMS.DisabledException', 'is disabled', /Enable/],
    [400, 'KMS.KMSInvalidStateException', 'is pending deletion', /deletion/],
    [403, 'RequestTimeTooSkewed', 'time', /clock/],
    [400, 'ExpiredToken', 'expired', /credentials/],
  ]) {
    const error = await refused(t, status, xmlError(code, message))
    assert.equal(error.name, code)
    assert.equal(error.message, message)
    assert.match(error.hint, hint, code)
  }
})

test('the bucket policy is read, and the hint names its statement and what passes', async (t) => {
  const answers = { GetBucketPolicy: () => ({ body: JSON.stringify(policyDenies) }) }
  const error = await refused(t, 403, xmlError('AccessDenied', 'Access Denied'), {}, answers)
  assert.match(error.hint, /statement OnlyOurKey/)
  assert.match(error.hint, new RegExp(`aws:kms.*${KEY_ARN}`))
})

test('a policy that may not be read, or is no policy, leaves the plain hint', async (t) => {
  for (const answer of [{ status: 403, body: xmlError('AccessDenied') }, { body: 'not JSON' }]) {
    const error = await refused(
      t,
      403,
      xmlError('AccessDenied', 'Access Denied'),
      {},
      { GetBucketPolicy: () => answer },
    )
    assert.match(error.hint, /s3:PutObject/)
  }
})

test('elements of an error never take the place of what every error has', async (t) => {
  const names = ['toString', 'valueOf', 'constructor', 'hasOwnProperty', '__proto__', 'stack', 'name', 'Resource']
  const elements = names.map((name) => `<${name}>planted</${name}>`).join('')
  const error = await refused(t, 403, `<Error><Code>AccessDenied</Code><Message>no</Message>${elements}</Error>`)
  assert.equal(String(error), 'AccessDenied: no')
  assert.match(error.stack, /^AccessDenied: no\n {4}at /)
  assert.ok(error instanceof Error && Object.hasOwn(error, 'Resource'))
  assert.equal(error.Resource, 'planted')
  const ours = ['hint', 'setting', 'settings', 'outcome'].map((name) => `<${name}>planted</${name}>`).join('')
  const other = await refused(t, 418, `<Error><Code>Teapot</Code>${ours}</Error>`)
  for (const name of ['setting', 'settings', 'outcome']) assert.equal(other[name], undefined)
  assert.notEqual(other.hint, 'planted')
})

test('bodies that are errors all the same', async (t) => {
  const latin = Buffer.from('<Error><Code>NoSuchBucket</Code><Message>f\xfcr</Message></Error>', 'latin1')
  for (const [status, body, name] of [
    [404, latin, 'NoSuchBucket'],
    [403, '<!-- c --><Error><Code>AccessDenied</Code></Error><!-- c -->', 'AccessDenied'],
    [403, '<Error><Code>AccessDenied</Code></Error >', 'AccessDenied'],
    [403, '<Error><Code>AccessDenied</Code><Message/></Error>', 'AccessDenied'],
  ]) {
    const error = await refused(t, status, body)
    assert.equal(error.name, name, String(body))
    assert.ok(error.message.length > 0)
  }
})

test('a server that asks for rest in seconds is given it', async (t) => {
  let left = 1
  const mock = await startMock(t)
  mock.answers.PutObject = () =>
    left-- > 0
      ? { status: 503, headers: { 'retry-after': '1' }, body: xmlError('ServiceUnavailable') }
      : { headers: { 'x-amz-server-side-encryption': 'AES256' } }
  const { $metadata } = await uploadState(input, { ...mock.config, encryption: 'AES256', maxAttempts: 2 })
  assert.ok($metadata.totalRetryDelay >= 1000, `${$metadata.totalRetryDelay} ms`)
})

test('a refusal does not wait long for the policy that may explain it', async (t) => {
  const started = Date.now()
  const error = await refused(t, 403, xmlError('AccessDenied'), {}, { GetBucketPolicy: () => new Promise(() => {}) })
  assert.equal(error.name, 'AccessDenied')
  assert.match(error.hint, /s3:PutObject/)
  assert.ok(Date.now() - started < 10_000)
})

test('replies without a usable body', async (t) => {
  for (const [status, body, name] of [
    [403, '', 'Unknown'],
    [404, '', 'NotFound'],
    [502, '<html><body>Bad Gateway</body></html>', 'Unknown'],
    [400, '{"error":1}', 'Unknown'],
    [400, '<Error><Code>Cut', 'Unknown'],
  ]) {
    const error = await refused(t, status, body)
    assert.equal(error.name, name, body)
    assert.equal(error.statusCode, status)
    assert.equal(error.$fault, status < 500 ? 'client' : 'server')
  }
})

test('retryable errors are retried, and the attempts counted', async (t) => {
  let left = 2
  const mock = await startMock(t)
  const { PutObject } = mock.answers
  mock.answers.PutObject = ({ headers }) =>
    left-- > 0
      ? { status: 503, body: xmlError('SlowDown') }
      : { headers: { 'x-amz-server-side-encryption': headers['x-amz-server-side-encryption'] } }
  const config = { ...mock.config, encryption: 'AES256', maxAttempts: 3 }
  const { $metadata } = await uploadState(input, config)
  assert.equal($metadata.attempts, 3)
  assert.ok($metadata.totalRetryDelay >= 0)
  assert.deepEqual(
    mock.puts().map(({ body }) => body.toString()),
    ['x', 'x', 'x'],
  )
  mock.answers.PutObject = PutObject
  const error = await refused(t, 500, xmlError('InternalError', 'again'))
  assert.deepEqual(error.$retryable, {})
  assert.equal(error.retryable, true)
})

test("network errors have Node's codes", async (t) => {
  const server = net.createServer()
  const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
  await new Promise((resolve) => server.close(resolve))
  const config = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    encryption: 'AES256',
    maxAttempts: 1,
  }
  const refusedError = await rejection(() => uploadState(input, { ...config, endpoint: `http://127.0.0.1:${port}` }))
  assert.equal(refusedError.code, 'ECONNREFUSED')
  assert.ok(refusedError instanceof StatesealError)
  const mock = await startMock(t, { PutObject: () => 'reset' })
  const reset = await rejection(() => uploadState(input, { ...mock.config, encryption: 'AES256' }))
  assert.equal(reset.code, 'ECONNRESET')
  const unknown = await rejection(() =>
    uploadState(input, { ...config, endpoint: 'http://nowhere.invalid', forcePathStyle: true }),
  )
  assert.equal(unknown.code, 'ENOTFOUND')
})
