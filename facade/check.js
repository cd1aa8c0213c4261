const { binding } = require('./addon.js')
const { complete, readConfig } = require('./config.js')
const { copyArgument } = require('./copy.js')
const { resolveCredentials, takeCredentials } = require('./credentials.js')
const { unwrap } = require('./errors.js')
const { openGateway } = require('./gateway.js')

/** Whether a bucket takes the upload that `options` describe, and whether states are safe in it. */
async function checkBucket(options) {
  const asked = copyArgument(options, 'options', binding().checkNames())
  const given = readConfig(options)
  const credentials = takeCredentials(given.credentials)
  const gateway = openGateway(await complete(given))
  return unwrap(await binding().checkBucket(gateway, asked, await resolveCredentials(credentials)))
}

module.exports = { checkBucket }
