const fs = require('node:fs')
const { argumentNames } = require('./names.js')

/** The variables that the addon takes, as they are now: a worker's are a copy that it does not see. */
function environment() {
  const found = {}
  for (const name of argumentNames().environment) found[name] = process.env[name]
  return found
}

/** What to trust, as PEM: Node's roots and the caller's own. Nothing where only http is spoken. */
function roots({ settings, credentials, ca }, found) {
  const endpoint = settings.endpoint ?? found.AWS_ENDPOINT_URL_S3 ?? found.AWS_ENDPOINT_URL
  const kms = settings.kmsEndpoint ?? found.AWS_ENDPOINT_URL_KMS
  const isPlain = /^http:/i.test(endpoint) && !/^https:/i.test(kms)
  // The default chain and roles may have to ask an https service.
  if (credentials && !settings.assumeRole && isPlain) return undefined
  return [nodeRoots(), ca, fileOf('AWS_CA_BUNDLE')].filter(Boolean).join('\n')
}

let cached

function nodeRoots() {
  // Loaded only here: it takes longer than all of this package.
  const tls = require('node:tls')
  cached ??= (
    tls.getCACertificates ? tls.getCACertificates('default') : [...tls.rootCertificates, fileOf('NODE_EXTRA_CA_CERTS')]
  ).join('\n')
  return cached
}

function fileOf(variable) {
  try {
    return fs.readFileSync(process.env[variable], 'utf8')
  } catch {
    // Not set, or unreadable: Node itself warns of the latter and goes on.
    return ''
  }
}

module.exports = { environment, roots }
