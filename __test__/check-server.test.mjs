// checkBucket against SeaweedFS over https, with moto as its KMS; what is left is read with the AWS SDK.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { checkBucket, enforcementPolicy } from 'stateseal'
import { startLocal } from './support/local.mjs'

let s3
let sdk
let bucketCount = 0

before(async () => {
  s3 = await startLocal({ kms: true, tls: true })
  const requestHandler = new NodeHttpHandler({ httpsAgent: { ca: s3.ca } })
  sdk = new S3Client({ ...s3.clientConfig, requestHandler })
})
after(async () => {
  sdk?.destroy()
  await s3?.stop()
})

async function newBucket(options) {
  const name = `check-${++bucketCount}`
  await s3.createBucket(name, typeof options === 'function' ? options(name) : options)
  return name
}

async function check(bucket, options) {
  const report = await checkBucket({ ...s3.clientConfig, ca: s3.ca, kmsEndpoint: s3.kms.endpoint, bucket, ...options })
  return { ...Object.fromEntries(report.findings.map((finding) => [finding.id, finding])), ...report }
}

const statuses = (report, ...ids) => ids.map((id) => `${id} ${report[id].status}`)

/** Keys of all versions and delete markers. */
async function contents(Bucket) {
  const { Versions = [], DeleteMarkers = [] } = await sdk.send(new ListObjectVersionsCommand({ Bucket }))
  return [...Versions, ...DeleteMarkers].map(({ Key }) => Key)
}

const kmsDefault = () => ({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: s3.kms.keyArn, BucketKeyEnabled: true })

test('a healthy bucket: all is well, and the probes leave nothing behind', async () => {
  const policy = (bucket) => enforcementPolicy({ bucket, mode: 'strict', encryption: kmsSetting(), tls: true })
  const bucket = await newBucket((name) => ({
    policy: policy(name),
    versioning: true,
    defaultEncryption: kmsDefault(),
  }))
  const report = await check(bucket, { probe: true, key: 'services/api/state.json' })
  assert.equal(report.ok, true, JSON.stringify(report.findings))
  const good = ['bucket-exists', 'versioning', 'default-encryption', 'policy', 'tls', 'kms-key']
  const probes = ['conditional-writes', 'put-probe']
  for (const id of [...good, ...probes]) assert.equal(report[id].status, 'ok', JSON.stringify(report[id]))
  assert.deepEqual(await contents(bucket), [])
})

const kmsSetting = () => ({ serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn })

test('a bucket without versions: the probes leave nothing behind, and nothing else is touched', async () => {
  const bucket = await newBucket()
  await sdk.send(new PutObjectCommand({ Bucket: bucket, Key: 'state.json', Body: 'x' }))
  const report = await check(bucket, { probe: true, key: 'state.json' })
  assert.deepEqual(statuses(report, 'versioning', 'conditional-writes', 'put-probe', 'tls'), [
    'versioning warning',
    'conditional-writes ok',
    'put-probe ok',
    'tls warning',
  ])
  assert.deepEqual(await contents(bucket), ['state.json'])
})

test('without probe nothing is written', async () => {
  const bucket = await newBucket({ versioning: true })
  const report = await check(bucket)
  assert.deepEqual(statuses(report, 'conditional-writes', 'put-probe'), [
    'conditional-writes skipped',
    'put-probe skipped',
  ])
  assert.deepEqual(await contents(bucket), [])
})

test('a missing bucket', async () => {
  const report = await check('no-such-bucket')
  assert.equal(report.ok, false)
  assert.deepEqual(statuses(report, 'bucket-exists', 'policy'), ['bucket-exists problem', 'policy skipped'])
})

test('a policy that refuses: the verdict and the probe agree, and the setting it names passes', async () => {
  const bucket = await newBucket((name) => ({
    policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OnlyOurKey',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${name}/*`,
          Condition: {
            StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': s3.kms.keyArn },
          },
        },
      ],
    },
  }))
  const refused = await check(bucket, { probe: true })
  assert.deepEqual(statuses(refused, 'policy', 'put-probe'), ['policy problem', 'put-probe problem'])
  for (const { message, remedy } of [refused.policy, refused['put-probe']]) {
    assert.match(`${message} ${remedy}`, /OnlyOurKey/)
    assert.ok(remedy.includes(s3.kms.keyArn), remedy)
  }
  const passes = await check(bucket, { probe: true, encryption: kmsSetting() })
  assert.deepEqual(statuses(passes, 'policy', 'put-probe', 'kms-key'), ['policy ok', 'put-probe ok', 'kms-key ok'])
})

test('a key that is disabled, about to be deleted, or not there', async () => {
  const disabled = await s3.kms.createKey('alias/disabled')
  await s3.kms.disableKey(disabled.keyId)
  const doomed = await s3.kms.createKey()
  await s3.kms.scheduleKeyDeletion(doomed.keyId)
  const bucket = await newBucket({ defaultEncryption: { ...kmsDefault(), KMSMasterKeyID: disabled.keyArn } })
  const asked = async (encryption) => (await check(bucket, { encryption }))['kms-key']
  const kms = (sseKMSKeyId) => asked({ serverSideEncryption: 'aws:kms', sseKMSKeyId })
  const unknown = doomed.keyArn.replace(/[^/]+$/, '01234567-89ab-cdef-0123-456789abcdef')
  for (const [finding, message] of [
    [await asked(undefined), /Disabled/],
    [await kms('alias/disabled'), /alias\/disabled \(arn:.*Disabled/],
    [await kms(disabled.keyId), /Disabled/],
    [await kms(doomed.keyArn), /PendingDeletion/],
    [await kms(unknown), /knows no key/],
    [await kms('alias/nobody'), /knows no key/],
  ]) {
    assert.equal(finding.status, 'problem', finding.message)
    assert.match(finding.message, message)
  }
  assert.equal((await kms(s3.kms.alias)).status, 'ok')
})

test('DSSE, which this server answers and does not apply, is found by the put probe and removed', async () => {
  const bucket = await newBucket({ versioning: true })
  const encryption = { serverSideEncryption: 'aws:kms:dsse', sseKMSKeyId: s3.kms.keyArn }
  const report = await check(bucket, { probe: true, encryption })
  assert.equal(report['put-probe'].status, 'problem')
  assert.match(report['put-probe'].message, /did not apply/)
  assert.deepEqual(await contents(bucket), [])
})

test('a caller who may only write: what is hidden is skipped', async () => {
  const bucket = await newBucket()
  const report = await check(bucket, { credentials: s3.limited })
  const hidden = report.findings.filter(({ permission }) => permission)
  assert.ok(hidden.length >= 3, JSON.stringify(report.findings))
  assert.ok(hidden.every(({ status }) => status === 'skipped'))
})
