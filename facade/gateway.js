const { binding } = require('./binding.js')
const { environment, roots } = require('./environment.js')
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
    const trusted = roots(given, found)
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
