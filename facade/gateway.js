const { argumentNames, binding } = require('./addon.js')
const { toError } = require('./errors.js')

// More than a process deploys with; beyond them the one that was used least recently goes.
const KEPT = 16
const kept = []

/** The addon's side of a complete configuration: opened once for all that are equal. */
module.exports.openGateway = function openGateway(given) {
  const found = environment()
  const parts = identity(given, found)
  const at = kept.findIndex((one) => one.parts.every((part, index) => part === parts[index]))
  if (at === 0) return kept[0].gateway
  let entry
  if (at > 0) {
    entry = kept.splice(at, 1)[0]
  } else {
    const trusted = speaksPlainHttp(given, found) ? undefined : require('./trust.js').roots(given.ca)
    const gateway = binding().openGateway(given.settings, found, trusted?.bundled, trusted?.others)
    if (gateway.error) throw toError(gateway.error)
    entry = { parts, gateway }
  }
  kept.unshift(entry)
  kept.length = Math.min(kept.length, KEPT)
  return entry.gateway
}

/** All that makes one configuration differ from another, as a list of plain values of one length. */
function identity({ settings, ca, credentials }, found) {
  const parts = [ca, credentials !== undefined, process.env.AWS_CA_BUNDLE]
  for (const name in found) parts.push(found[name])
  for (const name in settings) {
    const value = settings[name]
    parts.push(typeof value === 'object' ? JSON.stringify(value) : value)
  }
  return parts
}

/** The variables that the addon takes, as they are now: a worker's are a copy that it does not see. */
function environment() {
  const found = {}
  for (const name of argumentNames().environment) found[name] = process.env[name]
  return found
}

/** Whether nothing but plain http is spoken. */
function speaksPlainHttp({ settings, credentials }, found) {
  const endpoint = settings.endpoint ?? found.AWS_ENDPOINT_URL_S3 ?? found.AWS_ENDPOINT_URL
  const kms = settings.kmsEndpoint ?? found.AWS_ENDPOINT_URL_KMS
  // The default chain and roles may have to ask an https service.
  return credentials && !settings.assumeRole && /^http:/i.test(endpoint) && !/^https:/i.test(kms)
}
