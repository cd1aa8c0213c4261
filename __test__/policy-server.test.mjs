// The same policies on a real server: its 403 and our verdict agree, for every operator that it has.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { encryptionHeaders, explainPolicy, suggestEncryption } from 'stateseal'
import { startLocal } from './support/local.mjs'
import { skip, vectors } from './support/vectors.mjs'

const SSE = 's3:x-amz-server-side-encryption'
const KMS_KEY = `${SSE}-aws-kms-key-id`
const CUSTOMER = `${SSE}-customer-algorithm`
// The server is reached over http.
const context = { 'aws:SecureTransport': 'false' }
let s3
let modes
// One bucket, for each takes a share of the server's few volumes.
const bucket = 'judged'

before(async () => {
  s3 = await startLocal({ kms: true, bucket })
  const kms = (sseKMSKeyId) => ({ serverSideEncryption: 'aws:kms', sseKMSKeyId })
  const other = await s3.kms.createKey()
  modes = ['bucket-default', 'AES256', kms(s3.kms.keyArn), kms(other.keyArn), { sseCustomerKey: 'k'.repeat(32) }]
})
after(() => s3?.stop())

/** Puts with every encryption while this policy is in force, and returns how often both were sure and agreed. */
async function compare(policy, note) {
  const set = { method: 'PUT', path: `/${bucket}`, query: { policy: '' }, body: JSON.stringify(policy) }
  assert.equal((await s3.request(set)).status, 204, note)
  let compared = 0
  for (const encryption of modes) {
    const headers = encryptionHeaders(encryption)
    const put = { method: 'PUT', path: `/${bucket}/prod/api.json`, headers, body: 'x', credentials: s3.limited }
    const { status } = await s3.request(put)
    const { verdict, denySids } = explainPolicy(policy, { bucket, key: 'prod/api.json', headers }, context)
    if (verdict === 'unknown') continue
    assert.equal(status === 403, verdict === 'explicit-deny', `${note}: ${status}, ${verdict} ${denySids}`)
    compared++
  }
  const suggestions = suggestEncryption(policy, { bucket, key: 'k', kmsKeyArns: [s3.kms.keyArn] }, context)
  for (const { encryption, keyPattern } of suggestions) {
    // Without a key, or with two layers, this server does not do what S3 does.
    if (keyPattern || encryption.sseCustomerAlgorithm || encryption === 'bucket-default') continue
    if (encryption.serverSideEncryption !== 'AES256' && !encryption.sseKMSKeyId) continue
    if (encryption.serverSideEncryption === 'aws:kms:dsse') continue
    const headers = encryptionHeaders(encryption)
    const put = { method: 'PUT', path: `/${bucket}/k`, headers, body: 'x', credentials: s3.limited }
    assert.equal((await s3.request(put)).status, 200, `${note}: ${JSON.stringify(encryption)} was suggested`)
  }
  return compared
}

test('operators, lists, wildcards, actions and resources', async () => {
  const key = s3.kms.keyArn
  const statements = [
    { Condition: { StringNotEquals: { [SSE]: 'AES256' } } },
    { Condition: { StringNotEquals: { [SSE]: ['AES256', 'aws:kms'] } } },
    { Condition: { StringEquals: { [SSE]: 'AES256' } } },
    { Condition: { StringLike: { [SSE]: 'aws:*' } } },
    { Condition: { StringNotLike: { [SSE]: ['aws:?ms', 'x'] } } },
    { Condition: { Null: { [SSE]: 'true' } } },
    { Condition: { Null: { [SSE]: 'false' } } },
    { Condition: { Null: { [CUSTOMER]: 'false' } } },
    { Condition: { Null: { [CUSTOMER]: 'true' } } },
    { Condition: { StringNotEquals: { [KMS_KEY]: key } } },
    { Condition: { StringNotLike: { [KMS_KEY]: key.replace(/key.*/, 'key/*') } } },
    { Condition: { StringEquals: { [SSE]: 'aws:kms' }, StringNotEquals: { [KMS_KEY]: key } } },
    { Condition: { StringNotEquals: { [SSE]: 'aws:kms', [KMS_KEY]: key } } },
    { Condition: { Null: { [KMS_KEY]: 'true' } } },
    { Condition: { Null: { [SSE]: 'true' } }, Action: 's3:Put*' },
    { Condition: { Null: { [SSE]: 'true' } }, Action: 's3:GetObject' },
    { Condition: { Null: { [SSE]: 'true' } }, Resource: 'prod/*' },
    { Condition: { Null: { [SSE]: 'true' } }, Resource: 'dev/*' },
    { Condition: { Bool: { 'aws:SecureTransport': 'false' }, Null: { [SSE]: 'true' } } },
    { Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
  ]
  let compared = 0
  for (const { Resource = '*', ...statement } of statements) {
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Deny',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${bucket}/${Resource}`,
          ...statement,
        },
      ],
    }
    compared += await compare(policy, JSON.stringify(statement))
  }
  // What is left is unknown offline: what S3 would take for the key.
  assert.ok(compared >= 90, `${compared}`)
})

test('published policies', { skip }, async () => {
  const { bucket: theirs, right_key_arn: right } = vectors.constants
  let compared = 0
  for (const [id, { document }] of Object.entries(vectors.policies)) {
    // Those that the server takes, and that do not lock us out of it over http.
    if (/IfExists|ForA(ny|ll)|ArnNot|"Resource":"\*"|"s3:\*"/.test(JSON.stringify(document))) continue
    const policy = JSON.stringify(document).replaceAll(theirs, bucket).replaceAll(right, s3.kms.keyArn)
    compared += await compare(JSON.parse(policy), id)
  }
  assert.ok(compared >= 30, `${compared}`)
})
