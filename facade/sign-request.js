const { binding } = require('./addon.js')
const { resolveCredentials } = require('./credentials.js')
const { unwrap } = require('./errors.js')

/**
 * The headers of a request with a new signature, names in lower case. `request` is `{ method, url,
 * headers }`; its body counts by `x-amz-content-sha256`, without which the payload is not signed.
 */
module.exports.signRequest = async function signRequest(request, { region, credentials }) {
  return unwrap(binding().signRequest(request, region, await resolveCredentials(credentials)))
}
