const fs = require('node:fs')

/** What to trust for https, as PEM: what comes with Node, and all else. */
module.exports.roots = function roots(ca) {
  nodes ??= nodeRoots()
  // A company's one file is often named by both variables.
  const others = new Set([nodes.others, ca, fileOf('AWS_CA_BUNDLE')])
  return { bundled: nodes.bundled, others: [...others].filter(Boolean).join('\n') }
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
