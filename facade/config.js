const { copyArgument, read } = require('./copy.js')

// Each may be a function in an S3Client's configuration.
const PROVIDED = ['region', 'endpoint', 'maxAttempts']
// Of an S3Client's configuration only what is ours is read: the rest holds handlers and loggers.
const SETTINGS = [
  'profile',
  'forcePathStyle',
  'followRegionRedirects',
  'expectedBucketOwner',
  'allowInsecureLoopback',
  'encryption',
  'stage',
]

/**
 * The configuration as it is now: `settings` is plain data, but for what `waiting` names; those are
 * functions to call with `complete`.
 */
function readConfig(config) {
  const settings = copyArgument(config, 'config', new Set(['credentials', ...PROVIDED, ...foreign(config)]))
  for (const name of PROVIDED) settings[name] = read(config, name, name)
  settings.endpoint = endpointText(settings.endpoint)
  const waiting = PROVIDED.filter((name) => typeof settings[name] === 'function')
  return { settings, waiting, credentials: read(config, 'credentials', 'credentials') }
}

async function complete({ settings, waiting }) {
  for (const name of waiting) settings[name] = await settings[name]()
  settings.endpoint = endpointText(settings.endpoint)
}

// Their names are enough to find a misspelt setting.
function foreign(config) {
  if (typeof config !== 'object' || config === null) return []
  return Object.keys(config).filter((name) => !SETTINGS.includes(name) && typeof config[name] === 'object')
}

/** An endpoint of the SDK (URL, EndpointV2 or Endpoint) as text. */
function endpointText(endpoint) {
  if (endpoint instanceof URL) return endpoint.href
  if (endpoint?.url instanceof URL) return endpoint.url.href
  if (typeof endpoint !== 'object' || endpoint === null || typeof endpoint.hostname !== 'string') return endpoint
  const { protocol = 'https:', hostname, port, path = '' } = endpoint
  return `${protocol}//${hostname}${port ? `:${port}` : ''}${path}`
}

module.exports = { complete, readConfig }
