const fs = require('node:fs')
const { argumentNames } = require('./names.js')

/** The variables that the addon takes, as they are now: a worker's are a copy that it does not see. */
function environment() {
  const found = {}
  for (const name of argumentNames().environment) found[name] = process.env[name]
  return found
}

/** What to trust, as PEM: what comes with Node, and all else. Nothing where only http is spoken. */
function roots({ settings, credentials, ca }, found) {
  const endpoint = settings.endpoint ?? found.AWS_ENDPOINT_URL_S3 ?? found.AWS_ENDPOINT_URL
  const kms = settings.kmsEndpoint ?? found.AWS_ENDPOINT_URL_KMS
  const isPlain = /^http:/i.test(endpoint) && !/^https:/i.test(kms)
  // The default chain and roles may have to ask an https service.
  if (credentials && !settings.assumeRole && isPlain) return undefined
  nodes ??= nodeRoots()
  return { bundled: nodes.bundled, others: [nodes.others, ca, fileOf('AWS_CA_BUNDLE')].filter(Boolean).join('\n') }
}

let nodes

function nodeRoots() {
  // Loaded only here: it takes longer than all of this package.
  const tls = require('node:tls')
  const bundled = tls.rootCertificates
  if (!tls.getCACertificates) return { bundled: bundled.join('\n'), others: fileOf('NODE_EXTRA_CA_CERTS') }
  const isBundled = new Set(bundled)
  const all = tls.getCACertificates('default')
  const of = (is) => all.filter((root) => isBundled.has(root) === is).join('\n')
  return { bundled: of(true), others: of(false) }
}

function fileOf(variable) {
  const file = process.env[variable]
  if (!file) return ''
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    // Node itself warns of it and goes on.
    return ''
  }
}

module.exports = { environment, roots }
