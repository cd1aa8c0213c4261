// One input through PutObjectCommand, lib-storage's Upload and uploadState, and what is meant to differ.
import assert from 'node:assert/strict'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { StatesealError, uploadState } from 'stateseal'
import { comparable, differences, settle, startRecorder } from './recorder.mjs'

const ENCRYPTION = /^(SSE|ServerSideEncryption$|BucketKeyEnabled$)/
const given = (input, name) => input[name] !== undefined && input[name] !== null
const isCustomer = (input) => given(input, 'SSECustomerKey')
const texts = ({ Bucket, Key, Body, Metadata, ...others }) =>
  [...Object.values(others), ...Object.values(Metadata ?? {})].map(String)
const isAscii = (text) => /^[\0-\x7f]*$/.test(text)
const COMPUTED = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']
const CHECKSUM_VALUE = /^Checksum(?!Algorithm)/

/** Differences that are meant: the place of each, and where it may be. */
const WANTED = [
  {
    why: "our report of what was asked and what S3 did; the SDK's result has no such field",
    path: /^value\.encryption$/,
  },
  {
    why: 'SSE-C has one algorithm, and S3 refuses a key without it: it is sent where it was left out',
    path: /customer-algorithm$|^value\.SSECustomerAlgorithm$/,
    when: (input) => isCustomer(input) && !input.SSECustomerAlgorithm,
  },
  {
    why: 'the same moment, written without needless zeros',
    path: /headers\.x-amz-object-lock-retain-until-date$/,
    when: (_, [theirs, ours]) => Date.parse(theirs) === Date.parse(ours),
  },
  {
    why: 'the SDK waits a second for leave to send from 2 MiB on; S3 answers at once in either way',
    path: /headers\.expect$/,
    when: (_, [theirs, ours]) => theirs === '100-continue' && ours === undefined,
  },
  {
    why: 'the SDK stores the words "undefined" and "null"; nothing is stored here',
    path: /headers\.x-amz-meta-/,
    when: (_, [theirs, ours]) => ['undefined', 'null'].includes(theirs) && ours === undefined,
  },
]

/** Inputs that the SDK sends as they are, and that are refused here before anything is sent. */
const REFUSED = [
  {
    why: 'SSE-C without a key: S3 answers 400',
    setting: /^sseCustomerKey$/,
    when: (input) => !isCustomer(input) && (given(input, 'SSECustomerAlgorithm') || given(input, 'SSECustomerKeyMD5')),
  },
  {
    why: 'an MD5 of another key is a mistake; the SDK overwrites it',
    setting: /^SSECustomerKeyMD5/,
    when: (input) => input.SSECustomerKeyMD5 === 'wrong',
  },
  {
    why: 'S3 would refuse the setting, or ignore it and encrypt otherwise than meant',
    setting: /^(SSEKMS|BucketKeyEnabled)/,
    when: (input) =>
      ['SSEKMSKeyId', 'SSEKMSEncryptionContext', 'BucketKeyEnabled'].some((name) => given(input, name)) &&
      !input.ServerSideEncryption?.startsWith('aws:kms'),
  },
  {
    why: 'S3 sets it itself, and takes it in no request',
    setting: /^ServerSideEncryption/,
    when: (input) => ['aws:fsx', 'aws:backup'].includes(input.ServerSideEncryption),
  },
  {
    why: 'neither SDK can compute it; this one would announce it and send another',
    setting: /^ChecksumAlgorithm$/,
    when: (input) =>
      given(input, 'ChecksumAlgorithm') &&
      !COMPUTED.includes(input.ChecksumAlgorithm) &&
      !Object.keys(input).some((name) => CHECKSUM_VALUE.test(name)),
  },
  {
    why: 'Node sends it as Latin-1 under a signature over UTF-8, which S3 refuses',
    setting: /^(Metadata\.a|Tagging|ContentDisposition)$/,
    when: (input) => texts(input).some((text) => !isAscii(text)),
  },
  {
    why: 'the SDK sends "undefined, NaN undefined NaN"',
    setting: /^Expires$/,
    when: (input) => input.Expires instanceof Date && Number.isNaN(input.Expires.getTime()),
  },
  {
    why: 'the SDK sends the length as it is, and cuts the body or waits for ever',
    setting: /^ContentLength$/,
    when: (input) => given(input, 'ContentLength') && input.ContentLength !== Buffer.byteLength(input.Body),
  },
  {
    why: 'a wrong type is a mistake, and most often of another argument',
    setting: /^(CacheControl|ACL)$/,
    when: (input) => ['CacheControl', 'ACL'].some((name) => given(input, name) && typeof input[name] !== 'string'),
  },
  {
    why: 'the SDK sends an empty key as a request to the bucket; the Rust SDK takes blank ones for missing',
    setting: /^Key$/,
    when: (input) => input.Key?.trim() === '',
  },
  {
    why: 'half a character cannot be written as UTF-8; the SDK throws URIError',
    setting: /^Key$/,
    when: (input) => input.Key?.isWellFormed() === false,
  },
]

/**
 * `check(input, config?)` sends it three ways and compares; `input` is a function, called for each.
 * `unused()` names the rows of the two tables that no input needed.
 */
export async function startDifferential(t) {
  const recorder = await startRecorder(t)
  const used = new Set()
  const send = async (call) => ({ ...(await settle(call)), wire: recorder.take().map(comparable) })

  function unexpected(input, theirs, ours) {
    const found = differences({ wire: theirs.wire, value: theirs.value }, { wire: ours.wire, value: ours.value })
    for (const [path, pair] of Object.entries(found)) {
      const row = WANTED.find((row) => row.path.test(path) && (row.when?.(input, pair) ?? true))
      if (row) delete found[path]
      used.add(row)
    }
    return found
  }

  /** `parts`: too big for one put, and so for PutObjectCommand. */
  async function check(make, { label = '', config = {}, transfer = {}, parts = false } = {}) {
    const input = make()
    const client = new S3Client({ ...recorder.config, ...config })
    const put = parts ? undefined : await send(() => client.send(new PutObjectCommand(make())))
    const upload = await send(() => new Upload({ client, params: make(), ...transfer }).done())
    client.destroy()
    // The SDK sends no encryption header of its own accord.
    const encryption = Object.keys(input).some((name) => ENCRYPTION.test(name)) ? undefined : 'bucket-default'
    const settings = { ...recorder.config, ...config, ...transfer, encryption, allowInsecureLoopback: true }
    const ours = await send(() => uploadState(make(), settings))
    const what = `${label} ${JSON.stringify({ ...input, Body: parts ? 'in parts' : input.Body })}`
    const refused = REFUSED.find((row) => row.when(input))
    if (refused) {
      used.add(refused)
      assert.ok(
        ours.error instanceof StatesealError || ours.error instanceof TypeError,
        `${what}: ${ours.error?.stack}`,
      )
      assert.match(ours.error.setting, refused.setting, what)
      assert.equal(ours.wire.length, 0, what)
      return
    }
    if (isCustomer(input)) {
      // Whether the bucket blocks SSE-C is asked before the key is sent.
      ours.wire = ours.wire.filter(({ method, query }) => !(method === 'GET' && 'encryption' in query))
    }
    assert.ifError(ours.error)
    assert.deepEqual(unexpected(input, upload, ours), {}, `beside Upload: ${what}`)
    if (parts) {
      assert.ok(ours.wire.length > 2, what)
      return
    }
    const { Bucket, Key, Location, ...value } = ours.value
    assert.deepEqual(unexpected(input, put, { ...ours, value }), {}, `beside PutObjectCommand: ${what}`)
  }

  const unused = () => [...WANTED, ...REFUSED].filter((row) => !used.has(row)).map((row) => row.why)
  return { recorder, check, unused }
}
