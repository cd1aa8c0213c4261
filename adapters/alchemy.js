const { checkObject } = require('../facade/copy.js')
const { argumentError } = require('../facade/errors.js')
const { sealClient } = require('./client.js')

/**
 * Lets the states of alchemy's S3StateStore go through `uploadState`, and gives its reads what SSE-C
 * needs. Returns the store.
 */
function withEncryption(store, config = {}) {
  checkObject(config, 'config')
  if (typeof store?.client?.middlewareStack?.add !== 'function') {
    const remedy = 'Give new S3StateStore(scope, options) of alchemy 0.94'
    throw argumentError('InvalidParameterType', 'store', 'is not an S3StateStore', remedy)
  }
  sealClient(store.client, { ...config, stage: config.stage ?? store.scope?.stage })
  return store
}

module.exports = { withEncryption }
