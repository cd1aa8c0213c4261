// For tools that have their own client of AWS SDK v3. Nothing of the SDK is loaded here.
const { stateHandler } = require('./aws-sdk/handler.js')
const { withEncryption } = require('./aws-sdk/middleware.js')

module.exports.withEncryption = withEncryption
module.exports.stateHandler = stateHandler
