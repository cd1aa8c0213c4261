const { binding } = require('./binding.js')
const { environment, roots } = require('./environment.js')
const { toError } = require('./errors.js')

// More than a process deploys with; beyond them the one that was used least recently goes.
const KEPT = 16
const kept = new Map()

/** The addon's side of a complete configuration: opened once for all that are equal. */
module.exports.openGateway = function openGateway(given) {
  const found = environment()
  const key = JSON.stringify([
    given.settings,
    given.ca,
    given.credentials !== undefined,
    found,
    process.env.AWS_CA_BUNDLE,
  ])
  let gateway = kept.get(key)
  if (!gateway) {
    gateway = binding().openGateway(given.settings, found, roots(given, found))
    if (gateway.error) throw toError(gateway.error)
  }
  kept.delete(key)
  kept.set(key, gateway)
  if (kept.size > KEPT) kept.delete(kept.keys().next().value)
  return gateway
}
