const fs = require('node:fs')

/** The first of these variables that is set, as the framework reads them. */
function first(...names) {
  return names.map((name) => process.env[name]).find(Boolean)
}

/** Proxy and certificates where the framework finds its own. */
module.exports.networkSettings = function networkSettings() {
  const ca = split(first('ca', 'HTTPS_CA', 'https_ca')).map((pem) => pem.replaceAll('\\n', '\n'))
  const files = split(first('cafile', 'HTTPS_CAFILE', 'https_cafile')).map((file) => fs.readFileSync(file.trim()))
  const proxy = first('proxy', 'HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy')
  return { ca: [...ca, ...files], proxy }
}

function split(list = '') {
  return list.split(',').filter(Boolean)
}
