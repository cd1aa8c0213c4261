const { StateUploader } = require('../facade/upload.js')
const { withEncryption } = require('./aws-sdk/middleware.js')
const { clientSettings } = require('./aws-sdk/settings.js')
const { withHint } = require('./hint.js')
const { overHost } = require('./settings.js')

/**
 * Lets the puts of a host's S3Client go through `uploadState`, with that client's Region, credentials
 * and endpoint; what else the client does is sealed as `stateseal/aws-sdk` does it: its reads carry
 * the key of SSE-C.
 *
 * `config` holds settings of `uploadState`; they beat the client's.
 */
function sealClient(client, config) {
  const uploader = new StateUploader(overHost(clientSettings(client.config), config))
  withEncryption(client, config)
  const upload = (next, context) => async (args) => {
    if (context.commandName !== 'PutObjectCommand') return next(args)
    return { response: {}, output: await uploader.upload(args.input).catch(withHint) }
  }
  client.middlewareStack.addRelativeTo(upload, {
    relation: 'before',
    toMiddleware: 'statesealEncryption',
    name: 'statesealUpload',
    override: true,
  })
}

module.exports = { sealClient }
