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
  const { environment } = argumentNames()
  const found = variables(environment)
  const parts = identity(given, found)
  const at = parts ? kept.findIndex((one) => areEqual(parts, one.parts)) : -1
  if (at === 0) return kept[0].gateway
  let entry
  if (at > 0) {
    entry = kept.splice(at, 1)[0]
  } else {
    const entries = environment.map((name, index) => [name, found[index]])
    const gateway = binding().openGateway(given.settings, Object.fromEntries(entries))
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

function areEqual(one, other) {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return one.length === other.length
}

/**
 * All that makes one configuration differ from another, as a list of plain values.
 * Nothing where a setting cannot be written down: it is like no other.
 */
function identity(given, found) {
  const { settings, ca } = given
  const parts = [ca, hasCredentials(given), process.env.AWS_CA_BUNDLE, ...found]
  for (const name in settings) {
    const value = settings[name]
    if (typeof value !== 'object') parts.push(name, value)
    else if (isJson(value)) parts.push(name, OBJECT, JSON.stringify(value))
    else return undefined
  }
  return parts
}

/** Their values as they are now: a worker's are a copy that the addon does not see. */
function variables(names) {
  const { env } = process
  const found = []
  for (const name of names) found.push(env[name])
  return found
}

const hasCredentials = ({ credentials }) => credentials !== undefined && credentials !== null
