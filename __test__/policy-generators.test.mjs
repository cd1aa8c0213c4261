// enforcementPolicy, uploaderPolicy and kmsKeyPolicy: what they write, held against the evaluator and a
// server that enforces it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  encryptionHeaders,
  enforcementPolicy,
  explainPolicy,
  kmsKeyPolicy,
  uploaderPolicy,
  uploadState,
} from 'stateseal'
import { startLocal } from './support/local.mjs'
import { rejection } from './support/mock.mjs'
import { thrown } from './support/thrown.mjs'

const arn = (id, partition = 'aws', region = 'eu-west-1') => `arn:${partition}:kms:${region}:111122223333:key/${id}`
const ID = '01234567-89ab-cdef-0123-456789abcdef'
const KEY = arn(ID)
const OTHER = arn('99999999-9999-9999-9999-999999999999')
const kms = (sseKMSKeyId, serverSideEncryption = 'aws:kms') => ({ serverSideEncryption, sseKMSKeyId })
const SSE_C = { sseCustomerAlgorithm: 'AES256' }
const MODES = [
  'bucket-default',
  'AES256',
  'aws:kms',
  kms(KEY),
  kms(OTHER),
  'aws:kms:dsse',
  kms(KEY, 'aws:kms:dsse'),
  kms(OTHER, 'aws:kms:dsse'),
  SSE_C,
]
const STEPS = ['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload']
const PLACE = { bucket: 'state', key: 'prod/api.json' }

/** Whether a policy made for `wanted` is to let `sent` in: without a key in it any key will do. */
function fits(wanted, sent) {
  if (typeof wanted === 'string' && wanted.startsWith('aws:')) return wanted === (sent.serverSideEncryption ?? sent)
  return wanted === sent
}

test('round trip: the intended upload passes each step, every other encryption is denied', () => {
  for (const mode of ['strict', 'default-friendly']) {
    for (const encryption of MODES) {
      const impossible = mode === 'strict' ? 'bucket-default' : SSE_C
      const generate = () => enforcementPolicy({ bucket: 'state', mode, encryption, tls: '1.2' })
      if (encryption === impossible) {
        assert.equal(thrown(generate).name, 'EncryptionConflict')
        continue
      }
      const policy = generate()
      const identity = uploaderPolicy({ bucket: 'state', key: 'prod/*', encryption })
      for (const sent of MODES) {
        const passes = fits(encryption, sent)
        for (const operation of STEPS) {
          const request = { ...PLACE, operation, encryption: sent }
          const note = JSON.stringify([mode, encryption, sent, operation])
          const byBucket = passes || (mode !== 'strict' && sent === 'bucket-default') ? 'no-deny' : 'explicit-deny'
          assert.equal(explainPolicy(policy, request).verdict, byBucket, note)
          assert.equal(explainPolicy(identity, request).verdict, passes ? 'allow' : 'explicit-deny', note)
        }
        const http = explainPolicy(policy, { ...PLACE, encryption: sent }, { 'aws:SecureTransport': false })
        assert.ok(http.denySids.includes('DenyInsecureTransport'))
      }
      assert.equal(explainPolicy(identity, { ...PLACE, key: 'dev/x', encryption }).verdict, 'no-deny')
      assert.equal(explainPolicy(identity, { ...PLACE, operation: 'GetObject' }).verdict, 'no-deny')
    }
  }
})

test('each statement names its mistake', () => {
  const policy = enforcementPolicy({ bucket: 'state', encryption: kms(KEY) })
  const sids = (encryption) => explainPolicy(policy, { ...PLACE, encryption }).denySids
  assert.deepEqual(sids('bucket-default'), ['DenyMissingEncryption'])
  assert.deepEqual(sids('AES256'), ['DenyOtherEncryption'])
  assert.deepEqual(sids(kms(OTHER)), ['DenyOtherKey'])
  assert.deepEqual(sids('aws:kms'), ['DenyOtherKey'])
  assert.deepEqual(sids(SSE_C), ['DenyMissingEncryption', 'DenyCustomerKey'])
  assert.equal(explainPolicy(policy, { ...PLACE, encryption: kms(ID) }).verdict, 'unknown')
})

test('TLS: default, versions, none', () => {
  const sids = (tls) =>
    enforcementPolicy({ bucket: 'state', encryption: 'AES256', tls }).Statement.map(({ Sid }) => Sid)
  const base = ['DenyMissingEncryption', 'DenyOtherEncryption', 'DenyCustomerKey']
  assert.deepEqual(sids(undefined), [...base, 'DenyInsecureTransport'])
  assert.deepEqual(sids(false), base)
  assert.deepEqual(sids('1.3'), [...base, 'DenyInsecureTransport', 'DenyOutdatedTls'])
  const [, , , statement] = enforcementPolicy({ bucket: 'state', encryption: 'AES256' }).Statement
  assert.deepEqual(statement.Resource, ['arn:aws:s3:::state', 'arn:aws:s3:::state/*'])
})

test('only some objects of a bucket', () => {
  for (const place of [{ prefix: 'prod/' }, { prefix: 'prod/*' }, { key: 'prod/*' }, { Key: 'prod/api.json' }]) {
    const policy = enforcementPolicy({ bucket: 'state', encryption: 'AES256', ...place })
    assert.equal(explainPolicy(policy, PLACE).verdict, 'explicit-deny')
    assert.equal(explainPolicy(policy, { ...PLACE, key: 'dev/api.json' }).verdict, 'no-deny')
    const http = { 'aws:SecureTransport': 'false' }
    assert.equal(explainPolicy(policy, { ...PLACE, key: 'dev/api.json' }, http).verdict, 'explicit-deny')
    const identity = uploaderPolicy({ bucket: 'state', encryption: 'AES256', ...place })
    assert.equal(explainPolicy(identity, { ...PLACE, encryption: 'AES256' }).verdict, 'allow')
    assert.equal(explainPolicy(identity, { ...PLACE, key: 'x', encryption: 'AES256' }).verdict, 'no-deny')
  }
})

test('stages: a policy is for one of them', () => {
  const encryption = { stages: { prod: kms(KEY) }, default: 'AES256' }
  const accepts = (stage, sent) =>
    explainPolicy(enforcementPolicy({ bucket: 'state', encryption, stage }), { ...PLACE, encryption: sent }).verdict
  assert.deepEqual([accepts('prod', kms(KEY)), accepts('prod', 'AES256')], ['no-deny', 'explicit-deny'])
  assert.deepEqual([accepts('dev', kms(KEY)), accepts(undefined, 'AES256')], ['explicit-deny', 'no-deny'])
  const { stages } = encryption
  const error = thrown(() => uploaderPolicy({ bucket: 'state', encryption: { stages }, stage: 'dev' }))
  assert.equal(error.setting, 'stage')
})

test('partitions follow from the ARN, the Region or the key', () => {
  const partitions = [
    ['aws-cn', 'cn-north-1', 's3.cn-north-1.amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 's3.us-gov-west-1.amazonaws.com'],
    ['aws', 'eu-west-1', 's3.eu-west-1.amazonaws.com'],
  ]
  for (const [partition, region, service] of partitions) {
    const encryption = kms(arn(ID, partition, region))
    for (const place of [
      { bucket: 'state', region, encryption: 'AES256' },
      { bucket: 'state', encryption },
      { bucket: `arn:${partition}:s3:::state`, encryption },
    ]) {
      const { Statement } = enforcementPolicy(place)
      assert.equal(Statement[0].Resource, `arn:${partition}:s3:::state/*`)
    }
    const [administer, use] = kmsKeyPolicy({ bucket: 'state', encryption }).Statement
    assert.equal(administer.Principal.AWS, `arn:${partition}:iam::111122223333:root`)
    assert.equal(use.Condition.StringEquals['kms:ViaService'], service)
    const keyStatement = uploaderPolicy({ bucket: 'state', encryption }).Statement[2]
    assert.equal(keyStatement.Condition.StringEquals['kms:ViaService'], service)
  }
  for (const options of [
    { bucket: 'arn:aws-cn:s3:::state', encryption: kms(KEY) },
    { bucket: 'state', region: 'us-east-1', encryption: kms(KEY) },
    { bucket: 'arn:aws-cn:s3:::state', region: 'eu-west-1', encryption: 'AES256' },
  ]) {
    for (const generate of [enforcementPolicy, uploaderPolicy]) {
      assert.equal(thrown(() => generate(options)).name, 'EncryptionConflict')
    }
  }
})

test('the uploader may do what its configuration does, and no more', () => {
  const allowed = (options) =>
    uploaderPolicy({ bucket: 'state', ...options })
      .Statement.filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action)
      .sort()
  const KMS = ['kms:Decrypt', 'kms:GenerateDataKey']
  const base = ['s3:AbortMultipartUpload', 's3:GetBucketPolicy', 's3:PutObject']
  assert.deepEqual(allowed({ encryption: 'AES256' }), base)
  assert.deepEqual(allowed({ encryption: kms(KEY) }), [...KMS, ...base])
  // The mirror reads the bucket's default, which may be any key.
  const mirror = [...KMS, ...base, 's3:GetEncryptionConfiguration'].sort()
  assert.deepEqual(allowed({}), mirror)
  // SSE-C asks whether the bucket blocks it.
  assert.deepEqual(allowed({ encryption: SSE_C }), [...base, 's3:GetEncryptionConfiguration'].sort())
  assert.deepEqual(allowed({ encryption: 'AES256', multipart: false, explainRefusals: false }), ['s3:PutObject'])
  assert.deepEqual(allowed({ encryption: 'AES256', leavePartsOnError: true }), ['s3:GetBucketPolicy', 's3:PutObject'])
  const further = {
    IfNoneMatch: '*',
    ACL: 'bucket-owner-full-control',
    Tagging: 'a=b',
    ObjectLockMode: 'GOVERNANCE',
    ObjectLockRetainUntilDate: new Date(),
    ObjectLockLegalHoldStatus: 'ON',
  }
  const names = ['GetObject', 'PutObjectAcl', 'PutObjectLegalHold', 'PutObjectRetention', 'PutObjectTagging']
  const more = names.map((name) => `s3:${name}`)
  assert.deepEqual(allowed({ encryption: 'AES256', ...further }), [...base, ...more].sort())
  // An upload's input and configuration as they are.
  const config = { region: 'eu-west-1', credentials: async () => ({}), maxAttempts: 2, encryption: kms(KEY), ca: 'x' }
  const spread = uploaderPolicy({ Bucket: 'state', Key: 'prod/api.json', Body: 'x', ...config })
  assert.equal(spread.Statement[0].Resource, 'arn:aws:s3:::state/prod/api.json')
})

test('the uploader uses a key through S3 alone, for this bucket alone', () => {
  const use = (options) =>
    uploaderPolicy({ bucket: 'state', ...options }).Statement.find((s) => s.Sid === 'UseKeyThroughS3')
  const ARN_KEY = 'kms:EncryptionContext:aws:s3:arn'
  const named = use({ encryption: kms(KEY), key: ['prod/*', 'shared.json'] })
  assert.equal(named.Resource, KEY)
  const objects = ['arn:aws:s3:::state/prod/*', 'arn:aws:s3:::state/shared.json']
  assert.deepEqual(named.Condition.StringLike[ARN_KEY], ['arn:aws:s3:::state', ...objects])
  const contexts = (bucketKeyEnabled) =>
    use({ encryption: { ...kms(KEY), bucketKeyEnabled } }).Condition.StringLike[ARN_KEY]
  assert.equal(contexts(true), 'arn:aws:s3:::state')
  assert.equal(contexts(false), 'arn:aws:s3:::state/*')
  assert.equal(use({ encryption: kms(KEY, 'aws:kms:dsse') }).Condition.StringLike[ARN_KEY], 'arn:aws:s3:::state/*')
  assert.equal(use({ encryption: kms(ID), region: 'eu-west-1' }).Resource, `arn:aws:kms:eu-west-1:*:key/${ID}`)
  const alias = use({ encryption: kms('arn:aws:kms:eu-west-1:111122223333:alias/state') })
  assert.equal(alias.Resource, 'arn:aws:kms:eu-west-1:111122223333:key/*')
  assert.deepEqual(alias.Condition['ForAnyValue:StringEquals'], { 'kms:ResourceAliases': 'alias/state' })
  assert.equal(use({ kmsKeyArns: [KEY] }).Resource, KEY)
  // The evaluator knows no KMS, but IAM's language.
  const policy = uploaderPolicy({ bucket: 'state', encryption: kms(KEY) })
  const verdict = (via, context, resource = KEY) =>
    explainPolicy(policy, { action: 'kms:Decrypt', resource }, { 'kms:ViaService': via, [ARN_KEY]: context }).verdict
  const via = 's3.eu-west-1.amazonaws.com'
  assert.equal(verdict(via, 'arn:aws:s3:::state/a.json'), 'allow')
  assert.equal(verdict(via, 'arn:aws:s3:::state'), 'allow')
  assert.equal(verdict(via, 'arn:aws:s3:::other/a.json'), 'no-deny')
  assert.equal(verdict('ec2.eu-west-1.amazonaws.com', 'arn:aws:s3:::state'), 'no-deny')
  assert.equal(verdict(null, 'arn:aws:s3:::state'), 'no-deny')
  assert.equal(verdict(via, 'arn:aws:s3:::state', OTHER), 'no-deny')
})

test("the key's policy", () => {
  const ROLE = 'arn:aws:iam::111122223333:role/deploy'
  const encryption = { ...kms(KEY), bucketKeyEnabled: true, encryptionContext: { app: 'hidden' } }
  const policy = kmsKeyPolicy({ bucket: 'state', encryption, principals: ROLE })
  assert.ok(!JSON.stringify(policy).includes('hidden'))
  const verdict = (action, context) => explainPolicy(policy, { action, resource: KEY }, context).verdict
  const through = {
    'kms:ViaService': 's3.eu-west-1.amazonaws.com',
    'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::state',
  }
  const caller = { 'aws:PrincipalArn': 'arn:aws:sts::111122223333:assumed-role/deploy/ci' }
  assert.equal(verdict('kms:GenerateDataKey', { ...through, ...caller }), 'allow')
  assert.equal(verdict('kms:GenerateDataKey', { ...caller, 'kms:ViaService': null }), 'no-deny')
  assert.equal(
    verdict('kms:GenerateDataKey', { ...through, 'aws:PrincipalArn': ROLE.replace('deploy', 'x') }),
    'no-deny',
  )
  const [administer] = policy.Statement
  assert.ok(administer.Action.includes('kms:Put*'))
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:CreateGrant', 'kms:Encrypt']) {
    const [statement] = explainPolicy(policy, { action, resource: KEY }, caller).statements
    assert.equal(statement.applies, false, action)
  }
  // Nobody named: everyone in the account, which the caller's account proves.
  const everyone = kmsKeyPolicy({
    bucket: 'state',
    encryption: 'aws:kms',
    region: 'eu-west-1',
    accountId: '111122223333',
  })
  assert.deepEqual(everyone.Statement[1].Principal, { AWS: '*' })
  assert.equal(everyone.Statement[1].Condition.StringEquals['kms:CallerAccount'], '111122223333')
})

test('options that are wrong', () => {
  const place = { bucket: 'state', encryption: kms(KEY) }
  for (const [generate, options, name, setting] of [
    [enforcementPolicy, undefined, 'InvalidParameterType', 'options'],
    [enforcementPolicy, { encryption: 'AES256' }, 'MissingRequiredParameter', 'bucket'],
    [enforcementPolicy, { bucket: 'state' }, 'MissingRequiredParameter', 'encryption'],
    [enforcementPolicy, { ...place, bucket: 'a/b' }, 'InvalidParameterValue', 'bucket'],
    [enforcementPolicy, { ...place, bucket: 'arn:aws:s3:::state/k' }, 'InvalidParameterValue', 'bucket'],
    [enforcementPolicy, { ...place, bucket: 's--use1-az4--x-s3' }, 'InvalidParameterValue', 'bucket'],
    [enforcementPolicy, { ...place, mode: 'lax' }, 'InvalidParameterValue', 'mode'],
    [enforcementPolicy, { ...place, tls: '1.1' }, 'InvalidParameterValue', 'tls'],
    [enforcementPolicy, { ...place, tls: 1.2 }, 'InvalidParameterType', 'tls'],
    [enforcementPolicy, { ...place, tsl: true }, 'InvalidParameterValue', 'tsl'],
    [enforcementPolicy, { ...place, region: 'mars' }, 'InvalidParameterValue', 'region'],
    [
      enforcementPolicy,
      { ...place, encryption: kms('alias/state') },
      'InvalidParameterValue',
      'encryption.sseKMSKeyId',
    ],
    [uploaderPolicy, { ...place, key: 'a', prefix: 'b' }, 'EncryptionConflict', 'prefix'],
    [uploaderPolicy, { ...place, key: [] }, 'InvalidParameterValue', 'key'],
    [uploaderPolicy, { ...place, key: [7] }, 'InvalidParameterType', 'key'],
    [uploaderPolicy, { ...place, multipart: 'no' }, 'InvalidParameterType', 'multipart'],
    [uploaderPolicy, { ...place, expectedBucketOwner: '1' }, 'InvalidParameterValue', 'expectedBucketOwner'],
    [uploaderPolicy, { bucket: 'state', kmsKeyArns: ['alias/x'] }, 'InvalidParameterValue', 'kmsKeyArns[0]'],
    [kmsKeyPolicy, { bucket: 'state', accountId: '111122223333' }, 'MissingRequiredParameter', 'region'],
    [kmsKeyPolicy, { bucket: 'state', region: 'eu-west-1' }, 'MissingRequiredParameter', 'accountId'],
    [kmsKeyPolicy, { bucket: 'state', encryption: 'AES256' }, 'InvalidParameterValue', 'encryption'],
    [kmsKeyPolicy, { ...place, accountId: '444455556666' }, 'EncryptionConflict', 'accountId'],
    [kmsKeyPolicy, { ...place, principals: '*' }, 'InvalidParameterValue', 'principals'],
    [
      kmsKeyPolicy,
      { ...place, principals: 'arn:aws-cn:iam::111122223333:role/x' },
      'InvalidParameterValue',
      'principals',
    ],
  ]) {
    const error = thrown(() => generate(options))
    assert.deepEqual([error.name, error.setting], [name, setting])
    assert.ok(error.hint && error.stack.includes('policy-generators.test.mjs'))
  }
})

let s3
before(async () => {
  s3 = await startLocal({ kms: true })
})
after(() => s3?.stop())

test('the real server enforces what is generated as the evaluator says', async () => {
  const right = kms(s3.kms.keyArn)
  const other = kms((await s3.kms.createKey()).keyArn)
  const sent = [
    'bucket-default',
    'AES256',
    right,
    other,
    kms(s3.kms.keyArn, 'aws:kms:dsse'),
    { sseCustomerKey: 'k'.repeat(32) },
  ]
  let count = 0
  for (const mode of ['strict', 'default-friendly']) {
    for (const encryption of ['AES256', right]) {
      const bucket = `enforced-${++count}`
      const policy = enforcementPolicy({ bucket, mode, encryption, tls: false })
      await s3.createBucket(bucket, { policy })
      for (const setting of sent) {
        const headers = encryptionHeaders(setting)
        const { status } = await s3.request({
          method: 'PUT',
          path: `/${bucket}/k`,
          headers,
          body: 'x',
          credentials: s3.limited,
        })
        const { verdict } = explainPolicy(policy, { bucket, key: 'k', headers })
        assert.equal(status, verdict === 'no-deny' ? 200 : 403, JSON.stringify([mode, encryption, setting]))
      }
      const config = { ...s3.clientConfig, credentials: s3.limited }
      const place = { Bucket: bucket, Key: 'k', Body: 'x' }
      assert.ok(await uploadState(place, { ...config, encryption }))
      // On this server the later steps of a multipart upload do not have all of its first one's context.
      const parts = { ...place, Body: Buffer.alloc(6 << 20) }
      if (mode !== 'strict' && encryption === 'AES256') assert.ok(await uploadState(parts, { ...config, encryption }))
      const wrong = encryption === right ? 'AES256' : right
      assert.equal((await rejection(() => uploadState(place, { ...config, encryption: wrong }))).name, 'AccessDenied')
    }
  }
})
