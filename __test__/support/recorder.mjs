// One server to which the AWS SDK and stateseal send the same input, and the comparison of the two.
import http from 'node:http'
import { listen } from './listen.mjs'

/** What S3 answers to each request of an upload. */
export function accept({ method, path, query, headers }) {
  if (method === 'DELETE') return { status: 204 }
  if (method === 'GET')
    return { status: 404, body: '<Error><Code>ServerSideEncryptionConfigurationNotFoundError</Code></Error>' }
  if (method === 'POST' && query.has('uploads')) {
    return {
      headers: applied(headers),
      body: '<InitiateMultipartUploadResult><UploadId>U 1/+</UploadId></InitiateMultipartUploadResult>',
    }
  }
  if (method === 'POST') {
    const [, bucket, ...key] = path.split('/').map(decodeURIComponent)
    const place = `<Location>http://${bucket}.s3/k%2Fk</Location><Bucket>${bucket}</Bucket><Key>${key.join('/')}</Key>`
    const result = `${place}<ETag>"all-1"</ETag>`
    return { body: `<CompleteMultipartUploadResult>${result}</CompleteMultipartUploadResult>` }
  }
  const checksums = Object.entries(headers).filter(([name]) => /^x-amz-checksum-(?!algorithm)/.test(name))
  return { headers: { etag: '"e"', ...Object.fromEntries(checksums), ...applied(headers, query.has('partNumber')) } }
}

// A part's own answer tells nothing where the upload's was asked for.
function applied(headers, isPart = false) {
  const names = Object.keys(headers).filter((name) => name.startsWith('x-amz-server-side-encryption'))
  if (names.length === 0) return isPart ? {} : { 'x-amz-server-side-encryption': 'AES256' }
  const told = names.filter((name) => !name.endsWith('-customer-key'))
  return Object.fromEntries(told.map((name) => [name, headers[name]]))
}

/**
 * Starts it. `recorder.answer` may be replaced by a function of the request and of its number that
 * gives `{ status, headers, body }` or `'reset'`; `take()` gives the requests since it was called
 * last, each method's in the order of their parts, which travel side by side.
 */
export async function startRecorder(t) {
  let requests = []
  const recorder = { answer: accept }
  const server = http.createServer(async (request, response) => {
    const chunks = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    const { method, headers } = request
    const [path, query = ''] = request.url.split('?')
    const seen = { method, path, query: new URLSearchParams(query), headers, body: Buffer.concat(chunks) }
    requests.push(seen)
    const given = await recorder.answer(seen, requests.length)
    if (given === 'reset') return request.socket.destroy()
    response.writeHead(given.status ?? 200, given.headers)
    response.end(given.body)
  })
  // On a busy machine five seconds pass between two requests, and a closed connection is a retry.
  server.keepAliveTimeout = 120_000
  const endpoint = await listen(t, server)
  const rank = ({ method, query }) => [method, String(query.get('partNumber') ?? 0).padStart(5, '0')].join()
  return Object.assign(recorder, {
    config: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'not-a-real-secret' },
      forcePathStyle: true,
    },
    take() {
      const taken = requests.sort((a, b) => rank(a).localeCompare(rank(b)))
      requests = []
      return taken
    },
  })
}

// Who sends and when, the signature over it, and what belongs to the connection.
const NOT_COMPARED = new Set([
  'user-agent',
  'x-amz-user-agent',
  'x-amz-date',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'authorization',
  'connection',
])

/** A request as plain data, without what cannot be the same twice. */
export function comparable({ method, path, query, headers: all, body }) {
  const headers = { ...all }
  if (headers['content-type'] === 'application/xml') {
    // The SDK for JavaScript begins with the XML declaration, which is optional.
    body = Buffer.from(body.toString().replace(/^<\?xml[^>]*>/, ''))
    delete headers['content-length']
    delete headers['x-amz-content-sha256']
  }
  const scope = headers.authorization?.match(/^(\S+) Credential=[^/]+\/\d+\/([^,]+)/)?.slice(1)
  return {
    method,
    path,
    query: Object.fromEntries(query),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_COMPARED.has(name))),
    scope: scope?.join(' '),
    body: body.length > 4000 ? { length: body.length, begin: body.toString('latin1', 0, 40) } : body.toString('latin1'),
  }
}

/** What differs between two values of plain data: `{ path: [theirs, ours] }`. */
export function differences(theirs, ours, path = '', found = {}) {
  const isPlain = (value) => typeof value === 'object' && value !== null
  if (isPlain(theirs) && isPlain(ours)) {
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      differences(theirs[key], ours[key], path ? `${path}.${key}` : key, found)
    }
  } else if (!Object.is(theirs, ours)) found[path] = [theirs, ours]
  return found
}

/** `{ value }` or `{ error }` of a call. */
export async function settle(call) {
  try {
    return { value: await call() }
  } catch (error) {
    return { error }
  }
}
