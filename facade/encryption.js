const { binding } = require('./binding.js')
const { copyArgument } = require('./copy.js')
const { unwrap } = require('./errors.js')

const NONE = new Set()

function settings(encryption, options = {}) {
  const { stage, operation } = copyArgument(options, 'options', NONE)
  return [copyArgument({ encryption }, '', NONE).encryption, stage, operation]
}

/** The setting as fields of the AWS SDK's PutObject input, for frameworks that keep their own put. */
module.exports.encryptionParams = function encryptionParams(encryption, options) {
  const [setting, stage] = settings(encryption, options)
  return unwrap(binding().encryptionParams(setting, stage))
}

/** The setting as headers of one S3 operation. */
module.exports.encryptionHeaders = function encryptionHeaders(encryption, options) {
  return unwrap(binding().encryptionHeaders(...settings(encryption, options)))
}
