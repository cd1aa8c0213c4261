// A service of the Serverless Framework in a folder of its own, and its real command line.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * A plugin that points the clients of SDK v2 at the servers of the test, as localstack's does (v3 reads
 * variables), and uploads an object of its own into the bucket EXTRA_BUCKET, as plugins do.
 */
const LOCAL = `
module.exports = class Local {
  constructor(serverless) {
    const provider = serverless.getProvider('aws')
    const { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3, EXTRA_BUCKET: Bucket } = process.env
    const params = { Bucket, Key: 'extra/by-a-plugin.txt', Body: 'extra' }
    let upload
    if (Object.getOwnPropertyNames(provider).includes('sdk')) {
      provider.sdk.config.update({
        s3: { endpoint: AWS_ENDPOINT_URL_S3, s3ForcePathStyle: true },
        cloudformation: { endpoint }, sts: { endpoint }, lambda: { endpoint },
      })
      const request = provider.request.bind(provider)
      // SeaweedFS does not answer this as S3 does in us-east-1.
      provider.request = async (service, method, ...args) =>
        method === 'getBucketLocation' ? { LocationConstraint: '' } : request(service, method, ...args)
      upload = () => provider.request('S3', 'putObject', params)
    } else {
      upload = async () => {
        const { S3Client, PutObjectCommand } = require(require.resolve('@aws-sdk/client-s3', { paths: [process.argv[1]] }))
        return new S3Client(await provider.getAwsSdkV3Config()).send(new PutObjectCommand(params))
      }
    }
    this.hooks = { 'after:deploy:deploy': () => (Bucket ? upload() : undefined) }
  }
}
`

/** Writes the service. `provider`, `custom` and `plugins` go into its configuration, `files` beside it. */
export function writeService({ provider = {}, custom, plugins = ['stateseal/serverless'], files = {}, ...more }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'stateseal-service-'))
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(root, path.join(folder, 'node_modules', 'stateseal'), 'dir')
  const config = {
    service: 'orders',
    frameworkVersion: '*',
    provider: {
      name: 'aws',
      runtime: 'nodejs20.x',
      region: 'us-east-1',
      deploymentMethod: 'direct',
      ...provider,
    },
    functions: {
      // An existing bucket makes the framework upload a package of its own: custom-resources.zip.
      hello: { handler: 'handler.hello', events: [{ s3: { bucket: 'existing', existing: true } }] },
    },
    layers: { tools: { path: 'layer' } },
    package: { patterns: ['!node_modules/**', '!layer/**', '!.*'], excludeDevDependencies: false },
    plugins: ['./local.js', ...plugins],
    ...(custom && { custom }),
    ...more,
  }
  const all = {
    'handler.js': 'exports.hello = async () => 1\n',
    'layer/tool.txt': 'tool\n',
    'local.js': LOCAL,
    'serverless.json': JSON.stringify(config, null, 2),
    ...files,
  }
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return {
    folder,
    read: (name) => readFileSync(path.join(folder, name), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Runs the framework's command line in the service; resolves to `{ code, output }`. */
export function runServerless({ folder: framework, name }, service, args, { s3, cloudFormation, env = {} }) {
  const { bin } = JSON.parse(readFileSync(path.join(framework, 'node_modules', name, 'package.json'), 'utf8'))
  const script = path.join(framework, 'node_modules', name, Object.values(bin)[0])
  const child = spawn(process.execPath, [script, ...args], {
    cwd: service.folder,
    env: {
      PATH: process.env.PATH,
      HOME: service.folder,
      CI: '1',
      SLS_TELEMETRY_DISABLED: '1',
      SLS_TRACKING_DISABLED: '1',
      SLS_NOTIFICATIONS_MODE: 'off',
      SLS_INTERACTIVE_SETUP_ENABLE: '0',
      SLS_AWS_MONITORING_FREQUENCY: '100',
      SLS_AWS_REQUEST_MAX_RETRIES: '0',
      AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: cloudFormation.endpoint,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      ...env,
    },
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
