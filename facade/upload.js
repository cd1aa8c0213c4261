'use strict'

const { binding } = require('./binding.js')
const { takeBody } = require('./body.js')
const { copyArgument } = require('./copy.js')
const { resolveCredentials } = require('./credentials.js')
const { environment, roots } = require('./environment.js')
const { toError, unwrap } = require('./errors.js')

const BODY = new Set(['Body', 'State'])
// Functions and foreign objects: resolved here, not copied.
const RESOLVED = new Set(['credentials', 'region', 'endpoint'])
// Of an S3Client's resolved configuration, only what is ours is looked at.
const SETTINGS = ['profile', 'forcePathStyle', 'followRegionRedirects', 'maxAttempts', 'expectedBucketOwner',
  'allowInsecureLoopback', 'encryption', 'stage']

/**
 * Puts state into S3, encrypted, and resolves when S3's reply has proved it. Rejects, and never
 * throws, on every error.
 */
module.exports.uploadState = async function uploadState(params, config = {}) {
  const input = copyArgument(params, 'params', BODY)
  const body = takeBody(params)
  const settings = readConfig(config)
  if (typeof body.bytes !== 'object' || !ArrayBuffer.isView(body.bytes)) return run(input, body, settings)
  // The addon copies the bytes only once the arguments are complete; what the caller changes
  // meanwhile must not be stored.
  return run(input, needsWaiting(settings) ? { ...body, bytes: body.bytes.slice() } : body, settings)
}

async function run(input, body, { given, config }) {
  for (const name of ['region', 'endpoint']) {
    config[name] = typeof given[name] === 'function' ? await given[name]() : given[name]
  }
  config.maxAttempts = typeof config.maxAttempts === 'function' ? await config.maxAttempts() : config.maxAttempts
  config.endpoint = endpointText(config.endpoint)
  const variables = environment()
  const trusted = roots({ endpoint: config.endpoint, credentials: given.credentials }, variables)
  const prepared = binding().prepareUpload(input, body.bytes, body.isJson === true, config, variables, trusted)
  if (prepared.error) throw toError(prepared.error)
  const credentials = await resolveCredentials(given.credentials)
  const late = body.later ? await body.later() : undefined
  const { result, warning } = unwrap(await prepared.send(credentials, late))
  if (warning) warnOnce(warning)
  return result
}

/** The configuration: what must be resolved apart from what is data. */
function readConfig(config) {
  const all = copyArgument(config, 'config', new Set([...RESOLVED, ...foreign(config)]))
  const given = {}
  for (const name of RESOLVED) given[name] = config[name]
  return { given, config: all }
}

// A client's configuration holds handlers, loggers and middleware: their names are enough.
function foreign(config) {
  if (typeof config !== 'object' || config === null) return []
  return Object.keys(config).filter((name) => !SETTINGS.includes(name) && typeof config[name] === 'object')
}

function needsWaiting({ given, config }) {
  return [given.region, given.endpoint, config.maxAttempts].some((value) => typeof value === 'function')
}

/** An endpoint of the SDK (URL, or its Endpoint object) as text. */
function endpointText(endpoint) {
  if (endpoint instanceof URL) return endpoint.href
  if (typeof endpoint !== 'object' || endpoint === null || typeof endpoint.hostname !== 'string') return endpoint
  const { protocol = 'https:', hostname, port, path = '' } = endpoint
  return `${protocol}//${hostname}${port ? `:${port}` : ''}${path}`
}

const warned = new Set()

function warnOnce({ code, message }) {
  if (warned.has(message)) return
  warned.add(message)
  process.emitWarning(message, { type: 'StatesealWarning', code })
}
