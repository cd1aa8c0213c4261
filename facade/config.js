const { argumentNames } = require('./names.js')
const { copyArgument, read } = require('./copy.js')

// Each may be a function in an S3Client's configuration.
const PROVIDED = ['region', 'endpoint', 'maxAttempts']

/**
 * The configuration as it is now: `settings` is plain data, but for what `waiting` names; those are
 * functions to call with `complete`.
 */
function readConfig(config) {
  const plain = argumentNames().config.filter((name) => !PROVIDED.includes(name))
  const settings = copyArgument(config, 'config', plain)
  for (const name of PROVIDED) settings[name] = read(config, name)
  settings.endpoint = endpointText(settings.endpoint)
  const waiting = PROVIDED.filter((name) => typeof settings[name] === 'function')
  return { settings, waiting, credentials: read(config, 'credentials') }
}

async function complete({ settings, waiting }) {
  for (const name of waiting) settings[name] = await settings[name]()
  settings.endpoint = endpointText(settings.endpoint)
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
