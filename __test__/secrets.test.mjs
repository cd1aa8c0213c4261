// Planted secrets must turn up nowhere: not in errors, warnings, output or inspected objects.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { encryptionHeaders, encryptionParams, uploadState } from 'stateseal'
import { startMock, xmlError } from './support/mock.mjs'

const KEY = 'plantedcustomerkey-0123456789abc'
const OTHER_KEY = 'plantedotherkeyy-0123456789abcde'
const SECRETS = [
  KEY,
  Buffer.from(KEY).toString('base64'),
  createHash('md5').update(KEY).digest('base64'),
  OTHER_KEY,
  Buffer.from(OTHER_KEY).toString('base64'),
  createHash('md5').update(OTHER_KEY).digest('base64'),
  'planted-secret-access-key',
  'planted-session-token',
  'planted-context-value',
  Buffer.from('{"tenant":"planted-context-value"}').toString('base64'),
  'planted-body',
]
const credentials = {
  accessKeyId: 'AKIAPLANTED',
  secretAccessKey: 'planted-secret-access-key',
  sessionToken: 'planted-session-token',
}

function everythingOf(value, seen = new Set()) {
  if (typeof value !== 'object' || value === null || seen.has(value)) return String(value)
  seen.add(value)
  const parts = [inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value) ?? '', String(value)]
  for (const key of Reflect.ownKeys(value)) parts.push(everythingOf(value[key], seen))
  return parts.join('\n')
}

test('no secret in any error, warning, report or log', async (t) => {
  const told = []
  const warn = (warning) => told.push(warning)
  process.on('warning', warn)
  const writes = ['stdout', 'stderr'].map((name) => {
    const { write } = process[name]
    process[name].write = function (text, ...rest) {
      told.push(String(text))
      return write.call(this, text, ...rest)
    }
    return () => {
      process[name].write = write
    }
  })
  t.after(() => {
    process.off('warning', warn)
    for (const restore of writes) restore()
  })

  const input = { Bucket: 'b', Key: 'k', Body: 'planted-body' }
  const customer = { sseCustomerKey: KEY }
  const context = { serverSideEncryption: 'aws:kms', sseKMSEncryptionContext: { tenant: 'planted-context-value' } }
  // An answer that repeats all it was sent, as error bodies of S3 and its likes do.
  const echo = (status, code) => (request) => {
    const sent = Object.values(request.headers).join(' ').replace(/[<&]/g, '')
    const json = Buffer.from(request.headers['x-amz-server-side-encryption-context'] ?? '', 'base64').toString()
    const tenant = json && JSON.parse(json).tenant
    return {
      status,
      body: xmlError(code, `refused: ${sent} with ${json} or tenant=${tenant}`, {
        StringToSign: 'planted-session-token',
        CanonicalRequest: sent,
        'Token-0': 'planted-session-token',
        ArgumentName: 'x-amz-server-side-encryption-customer-key',
        ArgumentValue: request.headers['x-amz-server-side-encryption-customer-key'] ?? '',
        Other: sent,
      }),
    }
  }
  const answers = [
    undefined,
    () => ({}),
    echo(403, 'AccessDenied'),
    echo(403, 'SignatureDoesNotMatch'),
    echo(400, 'ExpiredToken'),
    () => ({ status: 500, body: 'planted nothing' }),
    () => 'reset',
  ]
  for (const PutObject of answers) {
    const mock = await startMock(t, { ...(PutObject && { PutObject }), GetBucketEncryption: echo(403, 'AccessDenied') })
    for (const encryption of [customer, context, undefined, 'AES256']) {
      for (const retryMode of ['standard', 'adaptive']) {
        const config = { ...mock.config, credentials, encryption, retryMode, allowInsecureLoopback: true }
        const audit = (record) => told.push(record)
        const outcome = await uploadState(input, { ...config, audit }).catch((error) => error)
        if (outcome instanceof Error) told.push(outcome)
        // As in the SDK's output, the reply's own field holds the MD5; what is ours does not.
        else told.push(outcome.encryption)
      }
    }
  }
  const mock = await startMock(t)
  const bad = [
    [{ ...input, SSECustomerKey: OTHER_KEY }, customer],
    [{ ...input, SSECustomerKey: KEY, SSECustomerKeyMD5: createHash('md5').update(OTHER_KEY).digest('base64') }],
    [{ ...input, SSECustomerKey: `${KEY}x` }],
    [{ ...input, SSECustomerKey: KEY, SSECustomerAlgorithm: KEY }],
    [input, { sseCustomerKey: KEY, sseKMSKeyId: 'alias/x' }],
    [input, { ...context, sseKMSEncryptionContext: { 'aws:x': 'planted-context-value' } }],
    [input, { ...context, sseKMSEncryptionContext: '{"tenant":"planted-context-value"}' }],
    [input, { ...context, sseKMSEncryptionContext: { tenant: ['planted-context-value'] } }],
    [{ ...input, SSEKMSEncryptionContext: Buffer.from('{"t":"planted-context-value2"}').toString('base64') }, context],
    [{ ...input, State: 'planted-body' }],
    [{ ...input, ContentLength: 1 }],
    [{ ...input, Body: ['planted-body'] }],
  ]
  for (const [params, encryption] of bad) {
    const error = await uploadState(params, {
      ...mock.config,
      credentials,
      encryption,
      allowInsecureLoopback: true,
    }).catch((failure) => failure)
    assert.ok(error instanceof Error, inspect(params))
    told.push(error)
  }
  const incomplete = await uploadState(input, {
    ...mock.config,
    credentials: { ...credentials, accessKeyId: '' },
  }).catch((failure) => failure)
  told.push(incomplete)
  for (const call of [encryptionParams, encryptionHeaders]) {
    assert.throws(
      () => call({ ...customer, sseCustomerKeyMD5: 'planted' }),
      (error) => told.push(error) > 0,
    )
  }
  await new Promise(setImmediate)
  assert.ok(told.length > 40, `${told.length} things to search`)
  const all = told.map((thing) => everythingOf(thing)).join('\n')
  for (const secret of SECRETS) assert.ok(!all.includes(secret), `${secret} was found`)
})
