// The face of the package. Encryption logic is Rust; what stands in facade/ only turns JavaScript
// values into what the addon takes, and its answers into results and errors.
const { StatesealError } = require('./facade/errors.js')
const { StateUploader, explainUpload, resolveEncryption, signState, uploadState } = require('./facade/upload.js')

// One assignment each: Node finds the names for `import { uploadState } from 'stateseal'`.
module.exports.uploadState = uploadState
module.exports.StateUploader = StateUploader
module.exports.explainUpload = explainUpload
module.exports.signState = signState
module.exports.resolveEncryption = resolveEncryption
// Loaded when they are called: a deployment that only uploads does not wait for them.
module.exports.encryptionParams = (...args) => require('./facade/encryption.js').encryptionParams(...args)
module.exports.encryptionHeaders = (...args) => require('./facade/encryption.js').encryptionHeaders(...args)
module.exports.explainPolicy = (...args) => require('./facade/policy.js').explainPolicy(...args)
module.exports.suggestEncryption = (...args) => require('./facade/policy.js').suggestEncryption(...args)
module.exports.enforcementPolicy = (...args) => require('./facade/policy.js').enforcementPolicy(...args)
module.exports.uploaderPolicy = (...args) => require('./facade/policy.js').uploaderPolicy(...args)
module.exports.kmsKeyPolicy = (...args) => require('./facade/policy.js').kmsKeyPolicy(...args)
module.exports.checkBucket = (...args) => require('./facade/check.js').checkBucket(...args)
module.exports.StatesealError = StatesealError
