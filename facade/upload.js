const { binding } = require('./binding.js')
const { takeBody } = require('./body.js')
const { complete, readConfig } = require('./config.js')
const { copyArgument } = require('./copy.js')
const { resolveCredentials } = require('./credentials.js')
const { environment, roots } = require('./environment.js')
const { toError, unwrap } = require('./errors.js')
const { argumentNames } = require('./names.js')

/**
 * Puts state into S3, encrypted, and resolves when S3's reply has proved it. Rejects, and never
 * throws, on every error.
 */
module.exports.uploadState = async function uploadState(params, config = {}) {
  const input = copyArgument(params, 'params', argumentNames().input)
  const body = takeBody(params)
  const given = readConfig(config)
  if (given.waiting.length > 0) {
    // The addon copies the bytes when it is called; what the caller changes until then must not count.
    if (ArrayBuffer.isView(body.bytes)) body.bytes = body.bytes.slice()
    await complete(given)
  }
  const { settings, credentials } = given
  const variables = environment()
  const trusted = roots({ endpoint: settings.endpoint, credentials }, variables)
  const prepared = binding().prepareUpload(input, body.bytes, body.isJson === true, settings, variables, trusted)
  if (prepared.error) throw toError(prepared.error)
  const signer = await resolveCredentials(credentials)
  const late = body.later ? await body.later() : undefined
  const { result, warning } = unwrap(await prepared.send(signer, late))
  if (warning) warnOnce(warning)
  return result
}

const warned = new Set()

function warnOnce({ code, message }) {
  if (warned.has(message)) return
  warned.add(message)
  process.emitWarning(message, { type: 'StatesealWarning', code })
}
