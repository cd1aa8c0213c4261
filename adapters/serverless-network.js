const { readFileSync } = require('node:fs')

/** What the frameworks of the Serverless family read of the environment for their own S3 clients. */
module.exports.serverlessNetwork = function serverlessNetwork(env = process.env) {
  const first = (...names) => names.map((name) => env[name]).find(Boolean)
  const texts = first('ca', 'HTTPS_CA', 'https_ca')?.split(',') ?? []
  const files = first('cafile', 'HTTPS_CAFILE', 'https_cafile')?.split(',') ?? []
  const ca = [...texts.map((text) => text.replace(/\\n/g, '\n')), ...files.map((file) => readFileSync(file.trim()))]
  return {
    proxy: first('proxy', 'HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'),
    ca: ca.length > 0 ? ca : undefined,
    requestTimeout: Number.parseInt(first('AWS_CLIENT_TIMEOUT', 'aws_client_timeout') ?? '120000', 10),
  }
}
