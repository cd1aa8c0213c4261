// The story of serverless/serverless #12915 on a real S3 server of this machine: a bucket whose policy
// denies every put without an encryption header, the put that fails, and the one that passes.

const assert = require('node:assert')
const { readFileSync } = require('node:fs')
const path = require('node:path')
const { GetObjectCommand, PutObjectCommand, S3Client } = require('@aws-sdk/client-s3')
const { uploadState } = require('../../index.js')
const { startLocalS3 } = require('../../testing/index.js')
const { startWiretap } = require('../../testing/wiretap.js')
const policy = require('../bucket-policy.json')

const Bucket = 'acme-deployments'
const Key = 'serverless/orders-api/prod/state.json'
const cache = process.env.STATESEAL_CACHE ?? path.join(__dirname, '../../.cache')
const file = path.join(__dirname, 'state.json')

function say(title, ...lines) {
  console.log(`\n${title}`)
  for (const line of lines) console.log(`    ${line}`)
}

function encryptionHeaders({ headers }) {
  const names = Object.keys(headers).filter((name) => name.startsWith('x-amz-server-side-encryption'))
  return names.map((name) => `${name}: ${headers[name]}`)
}

async function main() {
  const s3 = await startLocalS3({
    bucket: Bucket,
    versioning: true,
    policy,
    cache,
    install: true,
    onProgress: console.log,
  })
  const wiretap = await startWiretap(s3.endpoint)
  const config = { ...s3.clientConfig, endpoint: wiretap.endpoint }
  const sdk = new S3Client(s3.clientConfig)
  try {
    say(`1. SeaweedFS serves S3 at ${s3.endpoint}`, `bucket ${Bucket} keeps versions; its policy:`)
    console.log(JSON.stringify(policy.Statement[0], null, 2).replace(/^/gm, '    '))

    const state = readFileSync(file)
    const refused = await sdk.send(new PutObjectCommand({ Bucket, Key, Body: state })).then(
      () => assert.fail('the server accepted a put without an encryption header'),
      (error) => error,
    )
    assert.equal(refused.name, 'AccessDenied')
    say("2. The AWS SDK's default put, as deployment frameworks send it", `${refused.name}: ${refused.message}`)

    const result = await uploadState({ Bucket, Key, Body: { path: file } }, config)
    const { encryption } = result
    say('3. uploadState, with the configuration of that client and no other', `accepted: version ${result.VersionId}`)
    say(
      '4. What went over the wire',
      ...wiretap.requests.map(({ method, path, status }) => `${method} ${path} ${status}`),
      ...encryptionHeaders(wiretap.requests.at(-1)),
    )
    say(
      '5. The reply, verified',
      `source    ${encryption.source} (its default encryption, mirrored)`,
      `reported  ServerSideEncryption ${encryption.reported.ServerSideEncryption}: ${encryption.compared.algorithm}`,
    )
    assert.equal(encryption.compared.algorithm, 'equal')

    const read = await sdk.send(new GetObjectCommand({ Bucket, Key, VersionId: result.VersionId }))
    assert.deepEqual(Buffer.from(await read.Body.transformToByteArray()), state)
    say('6. Read back by the AWS SDK', `${state.length} bytes, identical; encryption ${read.ServerSideEncryption}`)

    const wrong = await uploadState({ Bucket, Key, Body: state }, { ...config, encryption: 'bucket-default' }).catch(
      (error) => error,
    )
    assert.equal(wrong.name, 'AccessDenied')
    say('7. And when a setting is refused, the error says what to change', `${wrong.name}: ${wrong.hint}`)
  } finally {
    sdk.destroy()
    await wiretap.stop()
    await s3.stop()
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
