// The real Toolkit of the CDK publishes the assets of an assembly; STS and CloudFormation are stubs.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { withEncryption } from 'stateseal/cdk'
import { framework, titleOf } from './support/frameworks.mjs'
import { listen } from './support/listen.mjs'
import { startLocal } from './support/local.mjs'

const ACCOUNT = '111122223333'

/** Knows the caller, and no stack. */
async function startAws(t) {
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const isIdentity = new URLSearchParams(body).get('Action') === 'GetCallerIdentity'
    response.writeHead(isIdentity ? 200 : 400, { 'content-type': 'text/xml' })
    response.end(
      isIdentity
        ? `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/u</Arn><UserId>U</UserId>` +
            `<Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
        : '<ErrorResponse><Error><Code>ValidationError</Code><Message>It does not exist</Message></Error></ErrorResponse>',
    )
  })
  return await listen(t, server)
}

/** A cloud assembly of one stack, whose template is an asset of `bucketName`. */
function assembly(folder, bucketName) {
  const destinations = { here: { bucketName, objectKey: 'template.json', region: 'us-east-1' } }
  const version = '54.22.0'
  const files = {
    'S.template.json': { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } },
    'S.assets.json': {
      version,
      files: { template: { source: { path: 'S.template.json', packaging: 'file' }, destinations } },
      dockerImages: {},
    },
    'manifest.json': {
      version,
      artifacts: {
        'S.assets': { type: 'cdk:asset-manifest', properties: { file: 'S.assets.json' } },
        S: {
          type: 'aws:cloudformation:stack',
          environment: `aws://${ACCOUNT}/us-east-1`,
          properties: { templateFile: 'S.template.json' },
          dependencies: ['S.assets'],
        },
      },
    },
  }
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), JSON.stringify(content))
  return folder
}

test(`${titleOf('cdk-toolkit')}: the assets that a Toolkit publishes`, async (t) => {
  const { Toolkit } = (await framework('cdk-toolkit')).require('@aws-cdk/toolkit-lib')
  const s3 = await startLocal({ kms: true })
  t.after(s3.stop)
  const Condition = { StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': s3.kms.keyArn } }
  const deny = { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::assets/*', Condition }
  await s3.createBucket('assets', { policy: { Version: '2012-10-17', Statement: [deny] } })
  const home = mkdtempSync(path.join(tmpdir(), 'stateseal-toolkit-'))
  t.after(() => rmSync(home, { recursive: true }))
  // This file has a process of its own.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: await startAws(t),
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
    HOME: home,
  })
  const publish = async (change) => {
    const ioHost = { notify: async () => {}, requestResponse: async (message) => message.defaultResponse }
    const toolkit = change(new Toolkit({ unstableFeatures: ['publish-assets'], ioHost }))
    return toolkit.publishAssets(await toolkit.fromAssemblyDirectory(folder))
  }
  const folder = assembly(path.join(home, 'cdk.out'), 'assets')
  await assert.rejects(publish((toolkit) => toolkit))
  const encryption = { serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.keyArn }
  const { publishedAssets } = await publish((toolkit) => withEncryption(toolkit, { encryption }))
  assert.equal(publishedAssets.length, 1)
  const sdk = new S3Client(s3.clientConfig)
  t.after(() => sdk.destroy())
  const stored = await sdk.send(new HeadObjectCommand({ Bucket: 'assets', Key: 'template.json' }))
  assert.equal(stored.SSEKMSKeyId, s3.kms.keyArn)
})
