const { createHash, createHmac } = require('node:crypto')
const http = require('node:http')
const https = require('node:https')

const hash = (data) => createHash('sha256').update(data).digest('hex')
const hmac = (key, data) => createHmac('sha256', key).update(data).digest()
const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * One request signed with Signature Version 4, written apart from the addon and from every SDK so
 * that it can bear witness against both.
 *
 * Resolves to `{ status, headers, body }` for any status.
 */
function signedRequest({
  endpoint,
  path = '/',
  query = {},
  method = 'GET',
  headers = {},
  body = '',
  service = 's3',
  region,
  credentials,
  ca,
}) {
  const url = new URL(endpoint)
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`
  const canonicalPath = path.split('/').map(encode).join('/')
  const canonicalQuery = Object.keys(query)
    .sort()
    .map((name) => `${encode(name)}=${encode(query[name])}`)
    .join('&')
  const signed = { host: url.host, 'x-amz-content-sha256': hash(body), 'x-amz-date': date }
  for (const [name, value] of Object.entries(headers)) signed[name.toLowerCase()] = String(value).trim()
  const names = Object.keys(signed).sort()
  const canonical = [
    method,
    canonicalPath,
    canonicalQuery,
    ...names.map((name) => `${name}:${signed[name]}`),
    '',
    names.join(';'),
    signed['x-amz-content-sha256'],
  ].join('\n')
  let key = `AWS4${credentials.secretAccessKey}`
  for (const part of scope.split('/')) key = hmac(key, part)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n')).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  const target = canonicalPath + (canonicalQuery ? `?${canonicalQuery}` : '')
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    const options = {
      host: url.hostname,
      port: url.port,
      path: target,
      method,
      ca,
      agent: false,
      headers: { ...signed, authorization, 'content-length': Buffer.byteLength(body) },
    }
    request(options, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
      .on('error', reject)
      .end(body)
  })
}

module.exports = { signedRequest }
