// The same input through PutObjectCommand, lib-storage's Upload and uploadState: the same request
// and the same result. What is meant to differ stands in support/differential.mjs.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { PutObjectOutput$, PutObjectRequest$ } from '@aws-sdk/client-s3'
import { startDifferential } from './support/differential.mjs'
import { generator } from './support/generator.mjs'
import { accept } from './support/recorder.mjs'

const CUSTOMER_KEY = Buffer.alloc(32, 'k')
const CONTEXT = Buffer.from('{"stage":"dev"}').toString('base64')
const MOMENT = new Date('2031-02-03T04:05:06Z')

/** Each field of the input with values that S3 knows. */
const FIELDS = {
  Bucket: ['b', 'a.dotted.bucket', 'b-1'],
  Key: ['dir/k.json'],
  Body: ['text', '', 'grün 🌍', Buffer.from([0, 255, 10]), new Uint8Array(3000), new Uint8Array(0)],
  ACL: ['bucket-owner-full-control', 'no-such-acl'],
  CacheControl: ['max-age=1, no-cache', '  a  b '],
  ContentDisposition: ['attachment; filename="x y.json"'],
  ContentEncoding: ['gzip'],
  ContentLanguage: ['de, en'],
  ContentLength: [4],
  ContentMD5: ['HLJEgghZuSdPpvHhUicgnA=='],
  ContentType: ['text/x; charset=utf-8', ''],
  ChecksumAlgorithm: ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'],
  ...Object.fromEntries(
    PutObjectRequest$[4].filter((name) => /^Checksum(?!Algorithm)/.test(name)).map((name) => [name, ['O4unxw==']]),
  ),
  Expires: [MOMENT, new Date(1e12 + 999), 'Wed, 21 Oct 2015 07:28:00 GMT'],
  IfMatch: ['"e"'],
  IfNoneMatch: ['*'],
  GrantFullControl: ['id="a", id="b"'],
  GrantRead: ['uri="http://acs.amazonaws.com/groups/global/AllUsers"'],
  GrantReadACP: ['emailAddress="x@example.com"'],
  GrantWriteACP: ['id="a"'],
  WriteOffsetBytes: [7, 0],
  Metadata: [{ Name: 'value', 'With-Dash': '  x  y ', number: '1' }, {}, { a: undefined, b: null, c: 1, d: true }],
  ServerSideEncryption: ['AES256', 'aws:kms', 'aws:kms:dsse'],
  StorageClass: ['STANDARD_IA', 'OF_THE_FUTURE'],
  WebsiteRedirectLocation: ['/elsewhere?x=y'],
  SSECustomerAlgorithm: ['AES256'],
  SSECustomerKey: [CUSTOMER_KEY, CUSTOMER_KEY.toString(), CUSTOMER_KEY.toString('base64')],
  SSECustomerKeyMD5: ['mT2HRsMGJ5IX5C+0rreZ8Q=='],
  SSEKMSKeyId: ['alias/state'],
  SSEKMSEncryptionContext: [CONTEXT],
  BucketKeyEnabled: [true, false],
  RequestPayer: ['requester'],
  Tagging: ['a=b%20c&d=e', ''],
  ObjectLockMode: ['GOVERNANCE'],
  ObjectLockRetainUntilDate: [MOMENT, new Date(1e12 + 500)],
  ObjectLockLegalHoldStatus: ['ON'],
  ObjectLockEventHold: ['ON'],
  ObjectLockEventHoldDurationDays: [3, 0],
  ObjectLockEventHoldDurationYears: [2],
  ExpectedBucketOwner: ['111122223333'],
}
const PLACE = { Bucket: 'b', Key: 'k' }
const kms = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/state' }

const KEYS = [
  'a b',
  ' a ',
  'ü/é',
  'e\u0301',
  '🌍.json',
  'a//b',
  '//',
  '/leading',
  'trailing/',
  'a+b',
  'a%20b',
  'a%2Fb',
  '%',
  'a/../b',
  '../a',
  './a',
  'a/./b',
  '.',
  '..',
  'a?b#c',
  'a&b=c',
  "it's(!)*~",
  'a:b@c;d,e$f',
  'a\\b',
  'a<b>"c"{d}|^`',
  'a\nb\r\tc\u0001\u007f',
  'x-id=PutObject',
  'k'.repeat(1024),
]

let check
let recorder
let unused
before(async (t) => {
  ;({ check, recorder, unused } = await startDifferential(t))
})

test('each field alone', async () => {
  assert.deepEqual(Object.keys(FIELDS).sort(), [...PutObjectRequest$[4]].sort(), "the SDK's own list")
  for (const [field, values] of Object.entries(FIELDS)) {
    for (const value of values) await check(() => ({ ...PLACE, Body: 'text', [field]: value }), { label: field })
  }
})

test('realistic combinations', async () => {
  const inputs = [
    { ...PLACE, Body: '{}', ContentType: 'application/json' },
    { ...PLACE, Body: '{}', ServerSideEncryption: 'AES256', ACL: 'bucket-owner-full-control', Tagging: 'a=b' },
    { ...PLACE, Body: '{}', ...kms, SSEKMSEncryptionContext: CONTEXT, BucketKeyEnabled: true },
    { ...PLACE, Body: '{}', ServerSideEncryption: 'aws:kms' },
    { ...PLACE, Body: '{}', ...kms, ServerSideEncryption: 'aws:kms:dsse' },
    { ...PLACE, Body: '{}', SSECustomerAlgorithm: 'AES256', SSECustomerKey: CUSTOMER_KEY, SSECustomerKeyMD5: 'wrong' },
    {
      ...PLACE,
      Body: 'text',
      ChecksumAlgorithm: 'SHA256',
      ChecksumSHA256: 'mC2ePrmW9Vnm8zOU1O83k4+QnyNbO3g5LPZ0ec1jHtQ=',
    },
    { ...PLACE, Body: 'text', ChecksumAlgorithm: 'SHA512', ChecksumSHA512: 'AAAA' },
    { ...PLACE, Body: 'text', ChecksumAlgorithm: 'SHA256', ChecksumCRC32: 'O4unxw==' },
    {
      ...PLACE,
      Body: '{}',
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: MOMENT,
      ContentMD5: 'mZFLkyvTelC5g8XnyQrpOw==',
    },
    { ...PLACE, Body: '{}', CacheControl: null, Metadata: null, Tagging: undefined, Unknown: 'ignored' },
    { ...PLACE, Body: new Uint8Array(2 * 1024 * 1024) },
    { ...PLACE, Body: new Uint8Array(5 * 1024 * 1024), ...kms },
  ]
  for (const input of inputs) await check(() => ({ ...input }))
  const config = { requestChecksumCalculation: 'WHEN_REQUIRED' }
  for (const input of [{}, { ChecksumAlgorithm: 'CRC32' }, { ChecksumAlgorithm: 'SHA256' }, { ChecksumSHA1: 'AAAA' }]) {
    await check(() => ({ ...PLACE, Body: 'text', ...input }), { label: 'when required', config })
  }
})

test('keys with odd characters', async () => {
  for (const Key of KEYS) await check(() => ({ ...PLACE, Key, Body: 'text' }))
})

test('the same where the request is left to the Rust SDK', async () => {
  const config = { retryMode: 'adaptive' }
  for (const [field, [value]] of Object.entries(FIELDS)) {
    await check(() => ({ ...PLACE, Body: 'text', [field]: value }), { label: `adaptive, ${field}`, config })
  }
  for (const Key of KEYS) await check(() => ({ ...PLACE, Key, Body: 'text' }), { label: 'adaptive', config })
})

test('what is refused, and what is better sent otherwise', async () => {
  const inputs = [
    { Key: '' },
    { Key: ' ' },
    { Key: '\t\n' },
    { Key: 'half \ud83c' },
    { ContentLength: 3 },
    { ContentLength: '4' },
    { CacheControl: 5 },
    { ACL: true },
    { Expires: new Date(Number.NaN) },
    { Metadata: { a: 'ü' } },
    { Tagging: 'a=ü' },
    { ContentDisposition: 'attachment; filename="ü"' },
    { ServerSideEncryption: 'aws:fsx' },
    { ChecksumAlgorithm: 'SHA512' },
    { ChecksumAlgorithm: 'MD5' },
    { ChecksumAlgorithm: 'crc32' },
  ]
  for (const input of inputs) await check(() => ({ ...PLACE, Body: 'text', ...input }))
})

test('generated inputs', async (t) => {
  const random = generator()
  t.diagnostic(`STATESEAL_SEED=${random.seed}`)
  const plain = Object.keys(FIELDS).filter(
    (name) => !/^(Bucket$|Key|Body|ContentLength|SSE|ServerSide|BucketKey)/.test(name),
  )
  const encryptions = [
    {},
    { ServerSideEncryption: 'AES256' },
    { ServerSideEncryption: 'aws:kms' },
    kms,
    { ...kms, BucketKeyEnabled: true },
    { ...kms, SSEKMSEncryptionContext: CONTEXT, BucketKeyEnabled: false },
    { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: 'alias/state' },
    { SSECustomerKey: CUSTOMER_KEY, SSECustomerAlgorithm: 'AES256' },
  ]
  const alphabet = [...'abcXYZ019-_.~/ +%?#&=\'"()*!@:;,$[]{}|\\^`<>äß€中🌍\n\u0000']
  for (let round = 0; round < 80; round++) {
    const input = {
      Bucket: random.pick(FIELDS.Bucket),
      Key: `k${random.text(alphabet, 20)}`,
      ...random.pick(encryptions),
    }
    for (const name of plain) if (random.chance(0.15)) input[name] = random.pick(FIELDS[name])
    const body = random.bytes(random.below(200))
    input.Body = random.chance(0.5) ? body : body.toString('latin1')
    await check(() => ({ ...input }), { label: `STATESEAL_SEED=${random.seed}, round ${round}:` })
  }
})

test('each field of the output', async (t) => {
  t.after(() => {
    recorder.answer = accept
  })
  const headers = {
    'x-amz-expiration': 'expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="x"',
    etag: '"0123456789abcdef-1"',
    'x-amz-checksum-type': 'FULL_OBJECT',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-version-id': 'null',
    'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:us-east-1:111122223333:key/k',
    'x-amz-server-side-encryption-context': CONTEXT,
    'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    'x-amz-object-size': '12345678901',
    'x-amz-request-charged': 'requester',
    'x-amz-request-id': 'R1',
    'x-amz-id-2': 'I2',
    'x-amz-cf-id': 'C3',
  }
  const customer = {
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-server-side-encryption-customer-key-md5': 'mT2HRsMGJ5IX5C+0rreZ8Q==',
  }
  for (const name of PutObjectOutput$[4].filter((name) => /^Checksum(?!Type)/.test(name))) {
    headers[`x-amz-checksum-${name.slice(8).toLowerCase()}`] = `${name}=`
  }
  const told = new Set()
  recorder.answer = (request) => {
    if (request.method === 'GET') return accept(request)
    return { headers: request.headers[Object.keys(customer)[0]] ? { ...customer, etag: '"e"' } : headers }
  }
  const encrypted = { ...kms, SSEKMSEncryptionContext: CONTEXT, BucketKeyEnabled: true }
  await check(() => ({ ...PLACE, Body: '', ...encrypted, SSEKMSKeyId: 'alias/state' }))
  await check(() => ({ ...PLACE, Body: '', SSECustomerAlgorithm: 'AES256', SSECustomerKey: CUSTOMER_KEY }))
  for (const name of Object.keys({ ...headers, ...customer })) told.add(name)
  const inBody = PutObjectOutput$[4].length
  assert.equal([...told].filter((name) => !/^x-amz-(request-id|id-2|cf-id)$/.test(name)).length, inBody, 'all fields')
})

test('no row of the tables is idle', () => {
  assert.deepEqual(unused(), [])
})
