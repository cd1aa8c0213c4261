// The face of the package. Encryption logic is Rust; what stands in facade/ only turns JavaScript
// values into what the addon takes, and its answers into results and errors.
const { checkBucket } = require('./facade/check.js')
const { encryptionHeaders, encryptionParams } = require('./facade/encryption.js')
const { StatesealError } = require('./facade/errors.js')
const {
  enforcementPolicy,
  explainPolicy,
  kmsKeyPolicy,
  suggestEncryption,
  uploaderPolicy,
} = require('./facade/policy.js')
const { StateUploader, explainUpload, resolveEncryption, signState, uploadState } = require('./facade/upload.js')

// One assignment each: Node finds the names for `import { uploadState } from 'stateseal'`.
module.exports.uploadState = uploadState
module.exports.StateUploader = StateUploader
module.exports.explainUpload = explainUpload
module.exports.signState = signState
module.exports.resolveEncryption = resolveEncryption
module.exports.encryptionParams = encryptionParams
module.exports.encryptionHeaders = encryptionHeaders
module.exports.explainPolicy = explainPolicy
module.exports.suggestEncryption = suggestEncryption
module.exports.enforcementPolicy = enforcementPolicy
module.exports.uploaderPolicy = uploaderPolicy
module.exports.kmsKeyPolicy = kmsKeyPolicy
module.exports.checkBucket = checkBucket
module.exports.StatesealError = StatesealError
