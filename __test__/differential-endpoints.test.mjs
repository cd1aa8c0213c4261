// Where the request goes: URL, path, signature's Region and service, without a network.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { explainUpload } from 'stateseal'
import { settle } from './support/recorder.mjs'

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'not-a-real-secret' }
const POINT = 'arn:aws:s3:eu-west-1:111122223333:accesspoint/state'
const OUTPOST = 'arn:aws:s3-outposts:us-east-1:111122223333:outpost/op-01234567890123456/accesspoint/state'

/** The request as the SDK would send it; its handler answers in the network's place. */
async function theirRequest(input, config) {
  let request
  const requestHandler = {
    handle: async (given) => {
      request = given
      throw Object.assign(new Error('captured'), { name: 'Captured' })
    },
  }
  const client = new S3Client({ region: 'us-east-1', credentials, ...config, maxAttempts: 1, requestHandler })
  const { error } = await settle(() => client.send(new PutObjectCommand(input)))
  if (!request) throw error
  const { protocol, hostname, port, path, headers } = request
  return place(`${protocol}//${hostname}${port ? `:${port}` : ''}${path}`, headers.authorization)
}

async function ourRequest(input, config) {
  const settings = { region: 'us-east-1', credentials, ...config, encryption: 'AES256' }
  const { url, headers } = await explainUpload(input, settings)
  assert.equal(headers.host, new URL(url).host)
  return place(url, headers.authorization)
}

const place = (url, authorization) => ({
  url: url.replace(/\?.*/, ''),
  scope: authorization?.match(/Credential=[^/]+\/\d+\/([^,]+)/)?.[1],
})

test('the same place for every way to name it', async () => {
  const buckets = ['state', 'a.dotted.state', 'UPPER_case', POINT, OUTPOST]
  const configs = [
    {},
    { region: 'eu-west-1' },
    { region: 'cn-north-1' },
    { region: 'us-gov-west-1' },
    { region: 'fips-us-east-1' },
    { region: 'aws-global' },
    { forcePathStyle: true },
    { useFipsEndpoint: true },
    { useDualstackEndpoint: true },
    { useFipsEndpoint: true, useDualstackEndpoint: true },
    { useAccelerateEndpoint: true },
    { useAccelerateEndpoint: true, useDualstackEndpoint: true },
    { useArnRegion: true },
    { useArnRegion: true, useFipsEndpoint: true },
    { endpoint: 'https://s3.example.com' },
    { endpoint: 'https://s3.example.com:9000/base/path' },
    { endpoint: 'https://s3.example.com/', forcePathStyle: true },
    { endpoint: 'http://127.0.0.1:9000' },
    { endpoint: 'http://[::1]:9000' },
    { endpoint: 'http://localhost:9000', forcePathStyle: true },
    { endpoint: 'http://localhost:9000' },
    { endpoint: { protocol: 'https:', hostname: 's3.example.com', port: 9000, path: '/base' } },
    { endpoint: async () => 'https://s3.example.com' },
    { region: async () => 'eu-central-1' },
  ]
  let refused = 0
  for (const config of configs) {
    for (const Bucket of buckets) {
      const input = { Bucket, Key: 'dir/k ü', Body: 'x' }
      const what = `${Bucket} ${JSON.stringify(config)}`
      const theirs = await settle(() => theirRequest(input, config))
      const ours = await settle(() => ourRequest(input, config))
      if (theirs.error) {
        refused++
        assert.ok(ours.error, `${what}: refused by the SDK (${theirs.error.message}), not here`)
        assert.equal(typeof ours.error.message, 'string')
        continue
      }
      assert.ifError(ours.error)
      assert.deepEqual(ours.value, theirs.value, what)
    }
  }
  assert.ok(refused > 5, 'rules that refuse were among them')
})

test('bucketEndpoint: the bucket is a URL', async () => {
  const config = { bucketEndpoint: true }
  for (const Bucket of ['https://state.example.com', 'http://127.0.0.1:9000/mounted']) {
    const input = { Bucket, Key: 'dir/k', Body: 'x' }
    assert.deepEqual(await ourRequest(input, config), await theirRequest(input, config))
  }
})
