// node examples/aws-sdk/run.mjs: a client of AWS SDK v3 that a tool has already, its uploads in parts too.
import assert from 'node:assert/strict'
import { CopyObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { stateHandler, withEncryption } from 'stateseal/aws-sdk'
import { denyPlain, startLocal } from '../../__test__/support/local.mjs'

const Bucket = 'acme-deployments'
const s3 = await startLocal({ bucket: Bucket, policy: denyPlain(Bucket), kms: true, onProgress: console.log })
try {
  const put = (Key) => new PutObjectCommand({ Bucket, Key, Body: '{}' })
  const refused = await new S3Client(s3.clientConfig).send(put('state.json')).catch((error) => error)
  assert.equal(refused.name, 'AccessDenied')
  console.log(`without: ${refused.name}`)

  // One line for a client that you can reach; no setting means what the bucket's default encryption says.
  const client = withEncryption(new S3Client(s3.clientConfig))
  await client.send(put('state.json'))

  // Its own key for what else the tool writes, in parts and copies too.
  const sealed = withEncryption(new S3Client(s3.clientConfig), {
    encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn },
  })
  await sealed.send(new CopyObjectCommand({ Bucket, Key: 'copy.json', CopySource: `${Bucket}/state.json` }))
  await s3.createBucket('acme-assets')
  const Body = Buffer.alloc(6 * 1024 * 1024)
  await new Upload({ client: sealed, params: { Bucket: 'acme-assets', Key: 'large.zip', Body } }).done()

  // For a tool of which only the client's configuration can be reached.
  const requestHandler = stateHandler(new NodeHttpHandler(), { credentials: s3.credentials, encryption: 'AES256' })
  await new S3Client({ ...s3.clientConfig, requestHandler }).send(put('handled.json'))

  const plain = new S3Client(s3.clientConfig)
  const stored = async (bucket, Key) => {
    const { ServerSideEncryption, SSEKMSKeyId } = await plain.send(new HeadObjectCommand({ Bucket: bucket, Key }))
    return [ServerSideEncryption, SSEKMSKeyId]
  }
  assert.deepEqual(await stored(Bucket, 'state.json'), ['AES256', undefined])
  assert.deepEqual(await stored(Bucket, 'handled.json'), ['AES256', undefined])
  assert.deepEqual(await stored(Bucket, 'copy.json'), ['aws:kms', s3.kms.keyArn])
  assert.deepEqual(await stored('acme-assets', 'large.zip'), ['aws:kms', s3.kms.keyArn])
  console.log('stored: two states with AES256, a copy and an upload in parts with the KMS key')
} finally {
  await s3.stop()
}
