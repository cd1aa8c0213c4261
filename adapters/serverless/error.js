const { StatesealError } = require('../../facade/errors.js')
const { told } = require('../hint.js')

/** `EncryptionNotApplied` as the framework writes codes: `ENCRYPTION_NOT_APPLIED`. */
function constantCase(name) {
  return String(name)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
}

/** An error of the framework's own class. */
function frameworkError({ classes }, message, code) {
  return typeof classes?.Error === 'function'
    ? new classes.Error(message, code)
    : Object.assign(new Error(message), { code })
}

/** What an upload rejects with: the framework's own error with our hint, or ours as one of the framework's. */
function uploadError(serverless, method, error) {
  if (error?.providerError) {
    error.message = told(error)
    return error
  }
  if (!isOurs(error)) return error
  const extension = constantCase(error.name)
  const own = frameworkError(serverless, told(error), `AWS_S3_${constantCase(method)}_${extension}`)
  return Object.assign(own, { providerError: error, providerErrorCodeExtension: extension })
}

/** Found before the framework was asked, or after it has answered. */
function isOurs(error) {
  return error instanceof StatesealError || Object(error).setting !== undefined
}

/** A setting that is wrong. */
function settingError(serverless, error) {
  return Object.assign(frameworkError(serverless, told(error), `STATESEAL_${constantCase(error.name)}`), {
    setting: error.setting,
  })
}

module.exports = { frameworkError, settingError, uploadError }
