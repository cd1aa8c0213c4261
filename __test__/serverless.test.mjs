// stateseal/serverless in the real frameworks: their command lines package and upload a real service to
// the real server; only CloudFormation is a stand-in.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { startCloudFormation } from './support/cloudformation.mjs'
import { framework, titleOf } from './support/frameworks.mjs'
import { denyPlain, startLocal } from './support/local.mjs'
import { runServerless, writeService } from './support/service.mjs'

const ARTIFACTS = [
  'compiled-cloudformation-template.json',
  'custom-resources.zip',
  'orders.zip',
  'serverless-state.json',
  'tools.zip',
]
const customerKey = randomBytes(32).toString('base64')
/** Every object of a bucket and how it is encrypted, asked without any SDK and without the addon. */
async function storedIn(s3, bucket) {
  const { body } = await s3.request({ path: `/${bucket}`, query: { 'list-type': '2' } })
  const keys = [...body.toString().matchAll(/<Key>([^<]+)/g)].map(([, key]) => key)
  const heads = await Promise.all(keys.map((key) => s3.request({ method: 'HEAD', path: `/${bucket}/${key}` })))
  return heads.map(({ headers }, n) => ({
    name: keys[n].split('/').at(-1),
    algorithm: headers['x-amz-server-side-encryption'],
    key: headers['x-amz-server-side-encryption-aws-kms-key-id'],
  }))
}

for (const key of ['serverless-3', 'osls-3', 'osls-4']) {
  describe(titleOf(key), { concurrency: 2 }, () => {
    let installed
    let s3
    // One for each: SeaweedFS has room for few buckets.
    before(async () => {
      installed = await framework(key)
      s3 = await startLocal({ kms: true })
    })
    after(() => s3?.stop())
    const stored = (bucket) => storedIn(s3, bucket)

    async function run(t, args, settings, env) {
      const cloudFormation = await startCloudFormation()
      const service = writeService(settings)
      t.after(() => {
        cloudFormation.stop()
        service.remove()
      })
      const result = await runServerless(installed, service, args, { s3, cloudFormation, env })
      return { ...result, service, actions: cloudFormation.actions.map(({ Action }) => Action) }
    }

    test('the policy that refuses the deployment without the plugin accepts it with the plugin', async (t) => {
      const bucket = `plain-${key}`
      await s3.createBucket(bucket, { policy: denyPlain(bucket), versioning: true })
      const provider = { deploymentBucket: bucket }
      const without = await run(t, ['deploy'], { provider, plugins: [] })
      assert.equal(without.code, 1, without.output)
      assert.match(without.output, /Access ?Denied/)
      assert.deepEqual(await stored(bucket), [])

      const sealed = await run(t, ['deploy'], { provider }, { EXTRA_BUCKET: bucket })
      assert.equal(sealed.code, 0, sealed.output)
      assert.ok(sealed.actions.includes('CreateStack'))
      const objects = await stored(bucket)
      assert.deepEqual(objects.map(({ name }) => name).sort(), ['by-a-plugin.txt', ...ARTIFACTS].sort())
      for (const { name, algorithm } of objects) assert.equal(algorithm, 'AES256', name)
    })

    test("the stage's own key, and the keys of provider.deploymentBucket", async (t) => {
      const { keyArn } = s3.kms
      const kms = { serverSideEncryption: 'aws:kms', sseKMSKeyId: keyArn }
      const only = { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyArn }
      const [staged, taken] = ['staged', 'taken'].map((name) => `${name}-${key}`)
      for (const bucket of [staged, taken]) await s3.createBucket(bucket, { policy: denyPlain(bucket, only) })
      // What stands there for the command line does not concern the plugin.
      const forCommand = { bucket: 'states', region: 'no/where', maxAttempts: 'many' }
      const stateseal = { ...forCommand, encryption: { stages: { prod: kms }, default: 'AES256' } }
      const results = await Promise.all([
        run(t, ['deploy', '--stage', 'prod'], {
          provider: { deploymentBucket: staged },
          custom: { stateseal },
          configValidationMode: 'error',
        }),
        run(t, ['deploy'], { provider: { deploymentBucket: { name: taken, ...kms } } }),
      ])
      for (const { code, output } of results) assert.equal(code, 0, output)
      for (const bucket of [staged, taken]) {
        const objects = await stored(bucket)
        assert.deepEqual(objects.map(({ name }) => name).sort(), ARTIFACTS)
        for (const { name, ...found } of objects) assert.deepEqual(found, { algorithm: 'aws:kms', key: keyArn }, name)
      }
    })

    test('a refusal is told with its remedy', async (t) => {
      const bucket = `refused-${key}`
      await s3.createBucket(bucket, { policy: denyPlain(bucket, { 's3:x-amz-server-side-encryption': 'aws:kms' }) })
      const custom = { stateseal: { encryption: 'AES256' } }
      const { code, output } = await run(t, ['deploy'], { provider: { deploymentBucket: bucket }, custom })
      assert.equal(code, 1)
      assert.match(
        output.replace(/\s+/g, ' '),
        /Access Denied\. The policy of bucket .* denies this put in statement DenyPlain/,
      )
    })

    test('SSE-C: refused for a deployment, before it is packaged; the key is not in serverless-state.json', async (t) => {
      const deploymentBucket = { name: `free-${key}`, sseCustomerAlgorithim: 'AES256', sseCustomerKey: customerKey }
      await s3.createBucket(deploymentBucket.name, {})
      const custom = { stateseal: { encryption: { sseCustomerKey: customerKey } } }
      const [packaged, refused] = await Promise.all([
        run(t, ['package'], { provider: { deploymentBucket }, custom }),
        run(t, ['deploy'], { provider: { deploymentBucket } }),
      ])
      assert.equal(packaged.code, 0, packaged.output)
      const state = packaged.service.read('.serverless/serverless-state.json')
      assert.match(state, /"deploymentBucket/)
      for (const text of [state, packaged.output, refused.output]) assert.ok(!text.includes(customerKey))
      assert.equal(refused.code, 1)
      assert.match(refused.output.replace(/\s+/g, ' '), /SSE-C cannot encrypt .* CloudFormation reads the template/)
      assert.ok(!existsSync(`${refused.service.folder}/.serverless/orders.zip`))
      assert.deepEqual(await stored(deploymentBucket.name), [])
    })

    test('stateseal check looks at the deployment bucket, and fails where a deployment would', async (t) => {
      const bucket = `checked-${key}`
      await s3.createBucket(bucket, { policy: denyPlain(bucket, { 's3:x-amz-server-side-encryption': 'aws:kms' }) })
      const provider = { deploymentBucket: bucket }
      const kms = { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }
      const [good, bad] = await Promise.all([
        run(t, ['stateseal', 'check', '--probe'], { provider, custom: { stateseal: { encryption: kms } } }),
        run(t, ['stateseal', 'check'], { provider, custom: { stateseal: { encryption: 'AES256' } } }),
      ])
      assert.equal(good.code, 0, good.output)
      assert.match(good.output, new RegExp(`Bucket ${bucket}\n`))
      assert.match(good.output, /^ok +put-probe: /m)
      assert.match(bad.output, /^problem +policy: .*DenyPlain/m)
      assert.equal(bad.code, 1)
      assert.deepEqual(await stored(bucket), [])
    })

    test('a setting that is wrong ends the command with the remedy', async (t) => {
      const custom = { stateseal: { encryption: { serverSideEncryption: 'AES256', sseKMSKeyId: 'alias/x' } } }
      const provider = { deploymentBucket: 'nowhere' }
      const [conflict, unknown] = await Promise.all([
        run(t, ['package'], { provider, custom }),
        run(t, ['package'], {
          provider,
          custom: { stateseal: { encrypton: 'AES256' } },
          configValidationMode: 'error',
        }),
      ])
      assert.equal(conflict.code, 1, conflict.output)
      assert.match(conflict.output, /sseKMSKeyId/)
      assert.equal(unknown.code, 1, unknown.output)
      assert.match(unknown.output, /encrypton/)
    })
  })
}
