const { binding } = require('./addon.js')
const { copy, copyArgument } = require('./copy.js')
const { argumentError, unwrap } = require('./errors.js')

const OPTIONS = ['stage', 'operation']

/** The setting as fields of the AWS SDK's PutObject input, for frameworks that keep their own put. */
module.exports.encryptionParams = function encryptionParams(encryption, options = {}) {
  const { stage, operation } = readOptions(options)
  return unwrap(binding().encryptionParams(copy(encryption, 'encryption'), stage, operation))
}

/** The setting as headers of one S3 operation. */
module.exports.encryptionHeaders = function encryptionHeaders(encryption, options = {}) {
  const { stage, operation } = readOptions(options)
  return unwrap(binding().encryptionHeaders(copy(encryption, 'encryption'), stage, operation))
}

function readOptions(options) {
  const taken = copyArgument(options, 'options', OPTIONS)
  // A misspelt stage would be encrypted as the default says.
  const unknown = Object.keys(taken).find((name) => !OPTIONS.includes(name))
  if (unknown === undefined) return taken
  throw argumentError('InvalidParameterValue', `options.${unknown}`, 'is not an option', 'Give stage or operation')
}
