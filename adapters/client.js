const { encryptionParams } = require('../facade/encryption.js')
const { StateUploader } = require('../facade/upload.js')
const { withHint } = require('./hint.js')
const { overHost } = require('./settings.js')

// What an S3Client of the AWS SDK v3 knows and `uploadState` takes, under the same name.
const FROM_CLIENT = [
  'region',
  'credentials',
  'endpoint',
  'forcePathStyle',
  'bucketEndpoint',
  'followRegionRedirects',
  'useFipsEndpoint',
  'useDualstackEndpoint',
  'useAccelerateEndpoint',
  'useArnRegion',
  'maxAttempts',
  'retryMode',
  'requestChecksumCalculation',
  'userAgentAppId',
]

const READS = new Set(['GetObjectCommand', 'HeadObjectCommand'])

/**
 * Lets the puts of a host's S3Client go through `uploadState`, with that client's Region, credentials
 * and endpoint, and gives its reads the headers without which S3 does not return the object.
 *
 * `config` holds settings of `uploadState`; they beat the client's.
 */
function sealClient(client, config) {
  const fromClient = Object.fromEntries(FROM_CLIENT.map((name) => [name, client.config[name]]))
  const uploader = new StateUploader(overHost(fromClient, config))
  const forReads = readParams(config)
  const middleware = (next, context) => async (args) => {
    if (context.commandName === 'PutObjectCommand') {
      return { response: {}, output: await uploader.upload(args.input).catch(withHint) }
    }
    if (READS.has(context.commandName)) return next({ ...args, input: { ...args.input, ...forReads } })
    return next(args)
  }
  client.middlewareStack.add(middleware, {
    step: 'initialize',
    priority: 'high',
    name: 'statesealMiddleware',
    override: true,
  })
}

/**
 * What GetObject must carry: SSE-C's key, else nothing.
 *
 * @throws for a setting that is wrong.
 */
function readParams({ encryption, stage }) {
  if (encryption === undefined || encryption === null) return {}
  return encryptionParams(encryption, { stage, operation: 'GetObject' })
}

module.exports = { readParams, sealClient }
