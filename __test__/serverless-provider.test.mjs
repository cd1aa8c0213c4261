// What stateseal/serverless does with a provider: the frameworks' own request and upload modules, on the
// real server. Serverless v4 cannot be started without a login: its provider is a stand-in of that shape.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { framework, titleOf } from './support/frameworks.mjs'
import { denyPlain, startLocal } from './support/local.mjs'
import { rejection, startMock } from './support/mock.mjs'

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1'
process.env.SLS_AWS_REQUEST_MAX_RETRIES = '0'
const require = createRequire(import.meta.url)
const StatesealPlugin = require('stateseal/serverless')
const customerKey = randomBytes(32).toString('base64')
let s3
let agent
const modules = {}

before(async () => {
  s3 = await startLocal({ kms: true, tls: true })
  agent = new https.Agent({ ca: s3.ca })
  await s3.createBucket('deploys', { policy: denyPlain('deploys'), versioning: true })
  const rule = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: s3.kms.keyArn }
  await s3.createBucket('kms-default', { defaultEncryption: rule })
  await s3.createBucket('other', {})
  const v3 = await framework('serverless-3')
  modules.awsRequest = v3.require('serverless/lib/aws/request')
  modules.sdk = v3.require('serverless/lib/aws/sdk-v2')
  modules.ServerlessError = v3.require('serverless/lib/serverless-error')
  const v4 = await framework('osls-4')
  modules.upload = v4.require('osls/lib/plugins/aws/lib/upload-s3-object')
  modules.OslsError = v4.require('osls/lib/serverless-error')
})
after(async () => {
  agent?.destroy()
  await s3?.stop()
})

const common = {
  getRegion: () => 'us-east-1',
  getStage: () => 'dev',
  getDeploymentPrefix: () => 'serverless',
  isS3TransferAccelerationEnabled: () => false,
}

/** Serverless v4's: `request` on SDK v2, and credentials that are flat and asynchronous. */
function v4Provider({ endpoint = s3.endpoint, credentials = s3.credentials } = {}) {
  const { sdk, awsRequest } = modules
  sdk.config.update({ httpOptions: { agent: endpoint.startsWith('https') ? agent : undefined } })
  sdk.config.update({ s3: { endpoint, s3ForcePathStyle: true } })
  return {
    ...common,
    sdk,
    getCredentials: async () => ({ ...credentials, sessionToken: undefined, accountId: '1', callerArn: 'arn' }),
    async request(name, method, params, options) {
      const credentials = await this.getCredentials()
      return awsRequest({ name, params: { ...credentials, region: options?.region ?? 'us-east-1' } }, method, params)
    },
  }
}

/** osls 4's: configurations of SDK v3, and stubs where v2 was. */
function osls4Provider({ endpoint = s3.endpoint, credentials = s3.credentials } = {}) {
  return {
    ...common,
    get sdk() {
      throw new Error('provider.sdk is no longer available')
    },
    request() {
      throw new Error('provider.request() is no longer available')
    },
    getAwsSdkV3Config: async (options = {}) => ({
      region: 'us-east-1',
      endpoint,
      forcePathStyle: true,
      credentials: async () => credentials,
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ httpsAgent: agent }),
      ...options,
    }),
  }
}

/** The provider with the plugin, which has read `custom` and `provider`. */
function withPlugin(provider, { stateseal, service = {}, commands = ['deploy'] } = {}) {
  const isOsls = typeof provider.getAwsSdkV3Config === 'function'
  const serverless = {
    service: {
      provider: { name: 'aws', deploymentBucket: 'deploys', ...service },
      custom: { stateseal: { ca: s3.ca, ...stateseal } },
    },
    classes: { Error: isOsls ? modules.OslsError : modules.ServerlessError },
    configSchemaHandler: { defineCustomProperties: () => {} },
    processedInput: { commands },
    getProvider: () => provider,
  }
  const { hooks } = new StatesealPlugin(serverless, {}, {})
  hooks.initialize()
  return { provider, serverless, hooks }
}

/** The two ways of a host to upload an object. */
const HOSTS = {
  'Serverless v4 (artifacts)': {
    makeProvider: v4Provider,
    upload: (provider, params) => provider.request('S3', 'upload', params),
  },
  [titleOf('osls-4')]: {
    makeProvider: osls4Provider,
    upload: (provider, params) => modules.upload(provider, params),
  },
}

const object = (more) => ({ Bucket: 'deploys', Key: 'serverless/a/dev/1/a.zip', Body: 'zip', ...more })

for (const [title, { makeProvider, upload }] of Object.entries(HOSTS)) {
  describe(title, () => {
    test('an upload keeps its VersionId, and arrives encrypted as the bucket says', async () => {
      const { provider } = withPlugin(makeProvider())
      const { VersionId, ServerSideEncryption, ETag } = await upload(provider, object())
      assert.ok(VersionId && ETag)
      assert.equal(ServerSideEncryption, 'AES256')
      const large = randomBytes(5 * 1024 * 1024 + 1)
      await upload(provider, object({ Bucket: 'kms-default', Body: large }))
      const { headers } = await s3.request({ method: 'HEAD', path: `/kms-default/${object().Key}` })
      assert.equal(headers['x-amz-server-side-encryption-aws-kms-key-id'], s3.kms.keyArn)
      assert.equal(Number(headers['content-length']), large.length)
    })

    test("errors are the framework's own, with the hint", async (t) => {
      const { provider } = withPlugin(makeProvider(), { stateseal: { encryption: 'bucket-default' } })
      const denied = await rejection(() => upload(provider, object()))
      assert.equal(denied.code, 'AWS_S3_UPLOAD_ACCESS_DENIED')
      assert.equal(denied.constructor.name, 'ServerlessError')
      assert.match(denied.message, /^Access Denied\. The policy of bucket deploys denies .*DenyPlain/)
      assert.ok(denied.providerError)

      const mock = await startMock(t, { PutObject: () => ({ headers: { etag: '"e"' } }) })
      const silent = withPlugin(makeProvider(mock.config), { stateseal: { encryption: 'AES256' } })
      const unproven = await rejection(() => upload(silent.provider, object()))
      assert.equal(unproven.code, 'AWS_S3_UPLOAD_ENCRYPTION_NOT_APPLIED')
      assert.match(unproven.message, /did not apply.*Delete what was written/)
      assert.equal(unproven.providerError.ETag, '"e"')

      const conflict = await rejection(() => upload(silent.provider, object({ ServerSideEncryption: 'aws:kms' })))
      assert.equal(conflict.code, 'AWS_S3_UPLOAD_ENCRYPTION_CONFLICT')
    })

    test('SSE-C: refused for what AWS reads; its key is taken away from the service', async () => {
      const encryption = { stages: { dev: { sseCustomerKey: customerKey } } }
      const { provider, serverless, hooks } = withPlugin(makeProvider(), { stateseal: { encryption } })
      assert.ok(!JSON.stringify(serverless.service).includes(customerKey))
      for (const Bucket of ['deploys', 'other']) {
        const refused = await rejection(() => upload(provider, object({ Bucket })))
        assert.equal(refused.code, 'STATESEAL_CUSTOMER_KEY', Bucket)
      }
      assert.throws(() => hooks['before:package:cleanup'](), { code: 'STATESEAL_CUSTOMER_KEY' })
      const Key = `${title}/state.json`
      await upload(provider, object({ Bucket: 'other', Key }))
      const { status } = await s3.request({ method: 'HEAD', path: `/other/${Key}` })
      assert.equal(status, 400, 'S3 does not show it without the key')
    })
  })
}

test('Serverless v4: puts and copies of other plugins, and what is not about S3', async () => {
  const { provider } = withPlugin(v4Provider())
  await provider.request('S3', 'putObject', object({ Key: 'by/plugin' }))
  const copy = { Bucket: 'deploys', Key: 'copy', CopySource: 'deploys/by/plugin' }
  await provider.request('S3', 'copyObject', copy, { region: 'us-east-1' })
  const { Contents } = await provider.request('S3', 'listObjectsV2', { Bucket: 'deploys', Prefix: 'copy' })
  assert.equal(Contents.length, 1)
  const error = await rejection(() => provider.request('Nothing', 'atAll', {}))
  assert.ok(!('hint' in error))
})

test('the encryption of provider.deploymentBucket is taken over, and must not contradict', async () => {
  const kms = { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }
  const service = { deploymentBucketObject: { name: 'deploys', ...kms } }
  const { provider } = withPlugin(v4Provider(), { service })
  const { SSEKMSKeyId } = await provider.request('S3', 'upload', object({ Bucket: 'other', Key: 'taken' }))
  assert.equal(SSEKMSKeyId, s3.kms.keyArn)
  withPlugin(v4Provider(), { service, stateseal: { encryption: kms } })
  const wrong = () => withPlugin(v4Provider(), { service, stateseal: { encryption: 'AES256' } })
  assert.throws(wrong, { code: 'STATESEAL_ENCRYPTION_CONFLICT', setting: 'custom.stateseal.encryption' })
})

test('a bucket whose default cannot be read for want of a connection is an error of the upload', async () => {
  const endpoint = 'http://127.0.0.1:9'
  const { provider } = withPlugin(v4Provider({ endpoint, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }))
  const error = await rejection(() => provider.request('S3', 'upload', object()))
  assert.match(error.code, /^AWS_S3_UPLOAD_/)
  assert.equal(error.constructor.name, 'ServerlessError')
})

test('stages come from --stage', async () => {
  const stateseal = { encryption: { stages: { dev: 'AES256' } } }
  withPlugin(v4Provider(), { stateseal })
  const other = () => withPlugin({ ...v4Provider(), getStage: () => 'prod' }, { stateseal })
  assert.throws(other, /prod/)
})

test("the framework's own ca and cafile are trusted", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-ca-'))
  const file = path.join(folder, 'ca.pem')
  writeFileSync(file, s3.ca)
  t.after(() => {
    rmSync(folder, { recursive: true })
    delete process.env.cafile
  })
  process.env.cafile = file
  // Mirrored over https: without the certificate it could not be read.
  const { provider } = withPlugin(v4Provider(), { stateseal: { ca: undefined } })
  await provider.request('S3', 'upload', object({ Bucket: 'kms-default', Key: 'ca' }))
  const { headers } = await s3.request({ method: 'HEAD', path: '/kms-default/ca' })
  assert.equal(headers['x-amz-server-side-encryption'], 'aws:kms')
})

test('a service of another provider is left alone', () => {
  const serverless = { service: { provider: { name: 'google' } }, getProvider: () => assert.fail() }
  const plugin = new StatesealPlugin(serverless)
  assert.equal(plugin.hooks, undefined)
})
