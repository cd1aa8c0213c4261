const { argumentNames, binding } = require('./addon.js')
const { isJson } = require('./copy.js')
const { toError } = require('./errors.js')

// More than a process deploys with; beyond them the one that was used least recently goes.
const KEPT = 16
const kept = []

// Before an object's text, which may be the text of another setting too.
const OBJECT = Symbol('object')

/** The addon's side of a complete configuration: opened once for all that are equal. */
module.exports.openGateway = function openGateway(given) {
  const found = environment()
  const parts = identity(given, found)
  const at = kept.findIndex((one) => parts?.every((part, index) => part === one.parts[index]))
  if (at === 0) return kept[0].gateway
  let entry
  if (at > 0) {
    entry = kept.splice(at, 1)[0]
  } else {
    const gateway = binding().openGateway(given.settings, found)
    if (gateway.error) throw toError(gateway.error)
    // The default chain may have to ask an https service.
    if (!hasCredentials(given) || gateway.speaksHttps()) {
      const { bundled, others } = require('./trust.js').roots(given.ca)
      gateway.trust(bundled, others)
    }
    if (!parts) return gateway
    entry = { parts, gateway }
  }
  kept.unshift(entry)
  kept.length = Math.min(kept.length, KEPT)
  return entry.gateway
}

/**
 * All that makes one configuration differ from another, as a list of plain values.
 * Nothing where a setting cannot be written down: it is like no other.
 */
function identity(given, found) {
  const { settings, ca } = given
  const parts = [ca, hasCredentials(given), process.env.AWS_CA_BUNDLE]
  for (const name in found) parts.push(found[name])
  for (const name in settings) {
    const value = settings[name]
    if (typeof value !== 'object' || value === null) parts.push(value)
    else if (isJson(value)) parts.push(OBJECT, JSON.stringify(value))
    else return undefined
  }
  return parts
}

/** The variables that the addon takes, as they are now: a worker's are a copy that it does not see. */
function environment() {
  const found = {}
  for (const name of argumentNames().environment) found[name] = process.env[name]
  return found
}

const hasCredentials = ({ credentials }) => credentials !== undefined && credentials !== null
