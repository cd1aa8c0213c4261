// The request of an SDK's handler: `{ method, protocol, hostname, port, path, query, headers, body }`.

/** The operation of S3 that a request about an object is, if it is one that concerns encryption. */
function operationOf({ method, query = {}, headers }) {
  const names = Object.keys(query).filter((name) => name !== 'x-id')
  const has = (name) => names.includes(name)
  const isCopy = headers['x-amz-copy-source'] !== undefined
  switch (method) {
    case 'PUT':
      if (has('uploadId')) return isCopy ? 'UploadPartCopy' : 'UploadPart'
      if (names.length > 0) return undefined
      return isCopy ? 'CopyObject' : 'PutObject'
    case 'POST':
      if (has('uploads')) return 'CreateMultipartUpload'
      if (has('uploadId')) return 'CompleteMultipartUpload'
      return has('select') ? 'SelectObjectContent' : undefined
    case 'HEAD':
      return 'HeadObject'
    case 'DELETE':
      return has('uploadId') ? 'AbortMultipartUpload' : undefined
    case 'GET':
      if (has('attributes')) return 'GetObjectAttributes'
      return names.every(isOfGetObject) ? 'GetObject' : undefined
    default:
      return undefined
  }
}

const isOfGetObject = (name) => name === 'versionId' || name === 'partNumber' || name.startsWith('response-')

/** `{ service, region }` that a request was signed for; nothing where it was signed otherwise. */
function signedFor({ headers }) {
  const authorization = headers.authorization ?? headers.Authorization
  const scope = /^AWS4-HMAC-SHA256 Credential=[^,]*?\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request/.exec(authorization)
  return scope ? { region: scope[1], service: scope[2] } : undefined
}

/** Whether it is S3's, but its signature is of a kind that is not made here: SigV4A, or of a session for directory buckets. */
function isSignedOtherwise({ headers }) {
  const authorization = headers.authorization ?? headers.Authorization ?? ''
  return /\/s3express\/aws4_request/.test(authorization) || /^AWS4-ECDSA-.*\/s3\/aws4_request/.test(authorization)
}

function urlOf({ protocol = 'https:', hostname, port, path, query = {} }) {
  const pairs = []
  for (const name of Object.keys(query).sort()) {
    for (const value of [query[name]].flat()) pairs.push(`${encode(name)}=${encode(value ?? '')}`)
  }
  return `${protocol}//${hostname}${port ? `:${port}` : ''}${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`
}

function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The same request with other headers; still of the SDK's class. */
function withRequestHeaders(request, headers) {
  return Object.assign(Object.create(Object.getPrototypeOf(request)), request, { headers })
}

module.exports = { isSignedOtherwise, operationOf, signedFor, urlOf, withRequestHeaders }
