const tls = require('node:tls')
const fs = require('node:fs')

// A worker's process.env is a copy that native code does not see, so it is read here.
const NAMES = ['AWS_REGION', 'AWS_PROFILE', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']

/** The variables that the addon takes, as they are now. */
function environment() {
  const found = {}
  for (const name of NAMES) found[name] = process.env[name]
  return found
}

/** What Node trusts, as PEM; undefined where nothing speaks https. */
function roots(config, found) {
  const endpoint = config.endpoint ?? found.AWS_ENDPOINT_URL_S3 ?? found.AWS_ENDPOINT_URL
  // The default chain may have to ask an https service for credentials.
  if (config.credentials && /^http:/i.test(endpoint)) return undefined
  return nodeRoots()
}

let cached

function nodeRoots() {
  cached ??= tls.getCACertificates ? tls.getCACertificates('default') : [...tls.rootCertificates, ...extra()]
  return cached.join('\n')
}

function extra() {
  try {
    return [fs.readFileSync(process.env.NODE_EXTRA_CA_CERTS, 'utf8')]
  } catch {
    // Not set, or unreadable: Node itself warns of the latter and goes on.
    return []
  }
}

module.exports = { environment, roots }
