const { encryptionParams } = require('../facade/encryption.js')
const { StateUploader } = require('../facade/upload.js')
const { withFields } = require('./aws-sdk/fields.js')
const { withClientSettings } = require('./aws-sdk/settings.js')
const { withHint } = require('./hint.js')
const { overHost } = require('./settings.js')

const READS = new Set(['GetObjectCommand', 'HeadObjectCommand'])

/**
 * Lets the puts of a host's S3Client go through `uploadState`, with that client's Region, credentials
 * and endpoint, and gives its reads the headers without which S3 does not return the object.
 *
 * `config` holds settings of `uploadState`; they beat the client's.
 */
function sealClient(client, config) {
  const uploader = new StateUploader(overHost(withClientSettings({}, client.config), config))
  const forReads = readParams(config)
  const middleware = (next, context) => async (args) => {
    if (context.commandName === 'PutObjectCommand') {
      return { response: {}, output: await uploader.upload(args.input).catch(withHint) }
    }
    if (READS.has(context.commandName) && forReads) return next({ ...args, input: withFields(args.input, forReads) })
    return next(args)
  }
  client.middlewareStack.add(middleware, {
    step: 'initialize',
    // Before the SDK's own, which turns the customer key into a header.
    priority: 'high',
    name: 'statesealUpload',
    override: true,
  })
}

/**
 * What reads must carry: SSE-C's key, else nothing.
 *
 * @throws for a setting that is wrong.
 */
function readParams({ encryption, stage }) {
  if (encryption === undefined || encryption === null) return undefined
  const params = encryptionParams(encryption, { stage, operation: 'GetObject' })
  return params.SSECustomerKey === undefined ? undefined : params
}

module.exports = { readParams, sealClient }
