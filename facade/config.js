const { checkObject, copy, copyArgument, read, readSet } = require('./copy.js')
const { argumentNames } = require('./addon.js')
const { argumentError } = require('./errors.js')

// Each may be a function in an S3Client's configuration.
const PROVIDED = [
  'region',
  'endpoint',
  'maxAttempts',
  'retryMode',
  'useFipsEndpoint',
  'useDualstackEndpoint',
  'useArnRegion',
  'requestChecksumCalculation',
  'userAgentAppId',
]

const ENDPOINTS = ['endpoint', 'kmsEndpoint']

/**
 * The configuration as it is now: `settings` is plain data, but for what `waiting` names; those are
 * functions to call with `complete`.
 */
function readConfig(config) {
  checkObject(config, 'config')
  const settings = Object.create(null)
  readSet(config, argumentNames().config, settings, (value, name) => {
    const isFunction = typeof value === 'function' && PROVIDED.includes(name)
    return isFunction ? value : setting(name, value)
  })
  const waiting = PROVIDED.filter((name) => typeof settings[name] === 'function')
  return { settings, waiting, credentials: read(config, 'credentials'), ca: certificates(read(config, 'ca')) }
}

/** The configuration with what its functions return. */
async function complete(given) {
  const settings = Object.assign(Object.create(null), given.settings)
  for (const name of given.waiting) settings[name] = setting(name, await settings[name]())
  return { ...given, settings, waiting: [] }
}

function setting(name, value) {
  return copy(ENDPOINTS.includes(name) ? endpointText(value) : value, name)
}

/** An endpoint of the SDK (URL, EndpointV2 or Endpoint) as text. */
function endpointText(endpoint) {
  if (endpoint instanceof URL) return endpoint.href
  if (endpoint?.url instanceof URL) return endpoint.url.href
  if (typeof endpoint !== 'object' || endpoint === null || typeof endpoint.hostname !== 'string') return endpoint
  const { protocol = 'https:', hostname, port, path = '' } = endpoint
  return `${protocol}//${hostname}${port ? `:${port}` : ''}${path}`
}

/** `ca` as Node's TLS takes it: PEM as text or bytes, or a list of them. */
function certificates(ca) {
  if (ca === undefined || ca === null) return ''
  const list = Array.isArray(ca) ? ca : [ca]
  return list
    .map((one) => {
      const pem = ArrayBuffer.isView(one) ? Buffer.from(one.buffer, one.byteOffset, one.byteLength).toString() : one
      if (typeof pem === 'string' && pem.includes('-----BEGIN')) return pem
      const name = typeof pem === 'string' ? 'InvalidParameterValue' : 'InvalidParameterType'
      throw argumentError(name, 'ca', 'is not a certificate in PEM', 'Give the text of a PEM file, not its path')
    })
    .join('\n')
}

/** What may differ from one upload to the next, from the first of `places` that sets it. */
function readOptions(...places) {
  const copies = places.map(([object, name]) => {
    checkObject(object, name)
    return copyArgument(object, name, argumentNames().options)
  })
  // Of two places the first counts.
  const merged = copies.length === 1 ? copies[0] : Object.assign(Object.create(null), ...copies.reverse())
  const first = (name) => {
    for (const [object] of places) {
      const value = read(object, name)
      if (value !== undefined && value !== null) return value
    }
    return undefined
  }
  const given = first('audit')
  const audit = given === undefined ? undefined : require('./audit.js').auditSink(given)
  // All that the addon has to know: a record is wanted.
  if (audit) merged.audit = true
  return {
    options: merged,
    audit,
    onProgress: progressCallback(first('onProgress')),
    signal: abortSignal(first('abortSignal')),
  }
}

function progressCallback(callback) {
  if (callback === undefined || typeof callback === 'function') return callback
  throw argumentError('InvalidParameterType', 'onProgress', `must not be a ${typeof callback}`, 'Give a function')
}

function abortSignal(signal) {
  if (signal === undefined) return undefined
  if (typeof signal === 'object' && 'aborted' in signal && typeof signal.addEventListener === 'function') return signal
  throw argumentError('InvalidParameterType', 'abortSignal', 'is not an AbortSignal', 'Give controller.signal')
}

module.exports = { complete, endpointText, readConfig, readOptions }
