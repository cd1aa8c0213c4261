// What the examples share: the local S3 server with a bucket that refuses puts without an encryption
// header, and a copy of the example in which its framework and stateseal are installed.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { framework } from '../__test__/support/frameworks.mjs'
import { startLocal } from '../__test__/support/local.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const BUCKET = 'acme-deployments'
const policy = JSON.parse(readFileSync(new URL('bucket-policy.json', import.meta.url), 'utf8'))

/**
 * Runs `steps({ s3, node, cli, stored })`: `node(...args)` runs Node in the copy and resolves to what it
 * printed, `cli(file)` is a program of the framework, `stored(key)` tells how S3 has stored an object.
 */
export async function runExample(url, key, steps) {
  const { name, title, folder } = await framework(key)
  const s3 = await startLocal({ bucket: BUCKET, policy, kms: true, onProgress: console.log })
  const project = mkdtempSync(path.join(tmpdir(), 'stateseal-example-'))
  try {
    cpSync(path.dirname(fileURLToPath(url)), project, { recursive: true })
    install(project, 'stateseal', root)
    install(project, name, path.join(folder, 'node_modules', name))
    console.log(`${title}; S3 at ${s3.endpoint}, bucket ${BUCKET}`)
    await steps({
      s3,
      node: (...args) => node(project, s3, args),
      cli: (file) => path.join(project, 'node_modules', name, file),
      stored: (key) => stored(s3, key),
    })
  } finally {
    await s3.stop()
    rmSync(project, { recursive: true })
  }
}

function install(project, name, target) {
  const link = path.join(project, 'node_modules', name)
  mkdirSync(path.dirname(link), { recursive: true })
  symlinkSync(target, link, 'junction')
}

function node(cwd, s3, args) {
  const env = {
    ...process.env,
    HOME: cwd,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    AWS_REGION: s3.region,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    STATE_KEY: s3.kms.keyArn,
    ALCHEMY_TELEMETRY_DISABLED: '1',
  }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--no-warnings', ...args], { cwd, env }, (error, stdout, stderr) => {
      process.stdout.write(stdout + stderr)
      if (error) reject(error)
      else resolve(stdout + stderr)
    })
  })
}

async function stored(s3, key) {
  const { status, headers } = await s3.request({ method: 'HEAD', path: `/${BUCKET}/${key}` })
  if (status !== 200) throw new Error(`${key} is not stored: ${status}`)
  return {
    algorithm: headers['x-amz-server-side-encryption'],
    key: headers['x-amz-server-side-encryption-aws-kms-key-id'],
  }
}
