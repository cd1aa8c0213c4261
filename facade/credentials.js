const { argumentError } = require('./errors.js')
const { isRecord, read } = require('./copy.js')

/**
 * `credentials` of the configuration as plain data: an object, a sync or async function, or a
 * credentials object of SDK v2 (`getPromise`). Nothing given is the default chain. What a function
 * throws is passed on as it is.
 */
module.exports.resolveCredentials = async function resolveCredentials(given) {
  if (given === undefined || given === null) return undefined
  const resolved = typeof given === 'function' ? await given() : given
  if (!isRecord(resolved)) {
    const found = resolved === null ? 'null' : `a ${typeof resolved}`
    throw argumentError(
      'InvalidParameterType',
      'credentials',
      `must not be ${found}`,
      'Give { accessKeyId, secretAccessKey, sessionToken? } or a function that returns them',
    )
  }
  if (typeof resolved.getPromise === 'function') await resolved.getPromise()
  // By name: in SDK v2 the secret is not enumerable.
  const entries = {}
  for (const name of ['accessKeyId', 'secretAccessKey', 'sessionToken']) {
    entries[name] = read(resolved, name, `credentials.${name}`)
  }
  return entries
}
