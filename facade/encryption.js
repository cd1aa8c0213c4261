const { binding } = require('./binding.js')
const { copy, copyArgument } = require('./copy.js')
const { unwrap } = require('./errors.js')

/** The setting as fields of the AWS SDK's PutObject input, for frameworks that keep their own put. */
module.exports.encryptionParams = function encryptionParams(encryption, options = {}) {
  const { stage, operation } = copyArgument(options, 'options', ['stage', 'operation'])
  return unwrap(binding().encryptionParams(copy(encryption, 'encryption'), stage, operation))
}

/** The setting as headers of one S3 operation. */
module.exports.encryptionHeaders = function encryptionHeaders(encryption, options = {}) {
  const { stage, operation } = copyArgument(options, 'options', ['stage', 'operation'])
  return unwrap(binding().encryptionHeaders(copy(encryption, 'encryption'), stage, operation))
}
