// A policy's refusal: the hint names the statement and the setting that passes, for the upload as it was.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uploadState } from 'stateseal'
import { KEY_ARN, rejection, startMock, xmlError } from './support/mock.mjs'

const statement = (Sid, Condition) => ({
  Sid,
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::b/*',
  Condition,
})
const input = { Bucket: 'b', Key: 'k', Body: 'x' }

/** The hint for a put that this policy refuses. */
async function hint(t, statements, { params = {}, ...config } = {}) {
  const denied = () => ({ status: 403, body: xmlError('AccessDenied', 'Access Denied') })
  const mock = await startMock(t, {
    PutObject: denied,
    CreateMultipartUpload: denied,
    GetBucketPolicy: () => ({ body: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }),
  })
  const error = await rejection(() => uploadState({ ...input, ...params }, { ...mock.config, ...config }))
  assert.equal(error.name, 'AccessDenied')
  return error.hint
}

const noHeader = { Null: { 's3:x-amz-server-side-encryption': 'true' } }
const notKms = { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } }
const wrongHeader = { ...notKms, Null: { 's3:x-amz-server-side-encryption': 'false' } }
const otherKey = { StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN } }

test('what passes is named with its settings', async (t) => {
  for (const [conditions, config, expected] of [
    [[noHeader], { encryption: 'bucket-default' }, 'S0; it accepts serverSideEncryption AES256'],
    [[notKms], {}, 'S0; it accepts serverSideEncryption aws:kms with the AWS-managed key'],
    [[wrongHeader], {}, "S0; it accepts encryption 'bucket-default', which sends no header"],
    [[noHeader, otherKey], {}, `S1; it accepts serverSideEncryption aws:kms with sseKMSKeyId ${KEY_ARN}`],
    [[noHeader, otherKey], { encryption: 'bucket-default' }, `S0, S1; it accepts .*${KEY_ARN}`],
  ]) {
    const statements = conditions.map((condition, index) => statement(`S${index}`, condition))
    assert.match(await hint(t, statements, config), new RegExp(`bucket b denies this put in statement ${expected}$`))
  }
})

test("the upload's other headers count: a statement that they satisfy is not blamed", async (t) => {
  const acl = { StringNotEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } }
  const both = [statement('Acl', acl), statement('Kms', notKms)]
  const told = await hint(t, both, { params: { ACL: 'bucket-owner-full-control' } })
  assert.match(told, /statement Kms; it accepts/)
  const create = [statement('CreateOnly', { Null: { 's3:if-none-match': 'true' } })]
  assert.match(await hint(t, create), /CreateOnly; no encryption setting passes it\. To pass: send If-None-Match: \*$/)
})

test('a refused multipart upload is judged as one', async (t) => {
  const noParts = [statement('NoParts', { Bool: { 's3:ObjectCreationOperation': 'false' } })]
  const big = { params: { Body: Buffer.alloc(6 * 1024 * 1024) } }
  assert.match(await hint(t, noParts, big), /denies this put in statement NoParts; no encryption setting passes it/)
  assert.doesNotMatch(await hint(t, noParts), /NoParts/)
})

test('what cannot be known is said to be so', async (t) => {
  const alias = { encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: 'alias/state' } }
  const key = [statement('OurKey', otherKey)]
  assert.match(await hint(t, key, alias), /may have denied this put in statement OurKey; Send the full key ARN \(arn/)
  const vpc = { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } }
  assert.match(await hint(t, [statement('Vpc', vpc)]), /may have denied .* Vpc; it depends on aws:SourceVpce$/)
  assert.match(
    await hint(t, [
      statement('KmsOrVpc', {
        ...vpc,
        ...wrongHeader,
        StringNotEquals: { ...vpc.StringNotEquals, ...notKms.StringNotEquals },
      }),
    ]),
    /may have denied .* KmsOrVpc; it accepts/,
  )
})

test('plain http is what a statement about https is about', async (t) => {
  const https = [statement('Https', { Bool: { 'aws:SecureTransport': 'false' } })]
  assert.match(await hint(t, https), /Https; no encryption setting passes it\. To pass: use an https endpoint$/)
})
