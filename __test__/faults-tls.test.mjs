// Certificates that must be refused, and proxies: with Node's codes, and never a state sent in clear.
import assert from 'node:assert/strict'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import { before, test } from 'node:test'
import tls from 'node:tls'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { uploadState } from 'stateseal'
import { createCertificates } from './support/certificates.mjs'
import { environment } from './support/environment.mjs'
import { rejection, startMock } from './support/mock.mjs'

const input = { Bucket: 'b', Key: 'k', Body: 'x' }
const settings = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'not-a-real-secret' },
  forcePathStyle: true,
  encryption: 'AES256',
}
let pem
before(async () => {
  pem = await createCertificates()
})

async function listen(t, server) {
  const sockets = new Set()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  server.on('secureConnection', (socket) => socket.on('error', () => {}))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return server.address().port
}

/** An https server of S3 with one of the certificates; `puts` counts. */
async function startSecure(t, certificate, options = {}) {
  const seen = { puts: 0, connections: 0 }
  const server = https.createServer({ key: pem.key, cert: pem[certificate], ...options }, async (request, response) => {
    for await (const _ of request);
    seen.puts++
    response.writeHead(200, { etag: '"e"', 'x-amz-server-side-encryption': 'AES256' }).end()
  })
  server.on('connection', () => seen.connections++)
  const port = await listen(t, server)
  return { seen, port, endpoint: `https://127.0.0.1:${port}` }
}

const CODES = {
  expired: 'CERT_HAS_EXPIRED',
  notYetValid: 'CERT_NOT_YET_VALID',
  wrongHost: 'ERR_TLS_CERT_ALTNAME_INVALID',
  unknownCa: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  selfSigned: 'DEPTH_ZERO_SELF_SIGNED_CERT',
}

for (const [certificate, code] of Object.entries(CODES)) {
  test(`a certificate that is ${certificate}: ${code}, once, and nothing sent`, async (t) => {
    const { seen, endpoint } = await startSecure(t, certificate)
    const httpsAgent = new https.Agent({ ca: pem.ca })
    const client = new S3Client({ ...settings, endpoint, requestHandler: { httpsAgent } })
    const theirs = await rejection(() => client.send(new PutObjectCommand(input)))
    client.destroy()
    assert.equal(theirs.code, code, 'the SDK')
    seen.connections = 0
    const ours = await rejection(() => uploadState(input, { ...settings, endpoint, ca: pem.ca }))
    assert.equal(ours.code, code)
    assert.equal(ours.name, theirs.name)
    assert.equal(ours.$metadata.attempts, theirs.$metadata.attempts)
    assert.ok(ours.hint)
    assert.deepEqual(seen, { puts: 0, connections: 1 })
  })
}

test('trusted by `ca`: as text, bytes and a list', async (t) => {
  const { seen, endpoint } = await startSecure(t, 'good')
  for (const ca of [pem.ca, Buffer.from(pem.ca), [pem.ca], `${pem.ca}\n${pem.unknownCa}`]) {
    await uploadState(input, { ...settings, endpoint, ca })
  }
  assert.equal(seen.puts, 4)
  const error = await rejection(() => uploadState(input, { ...settings, endpoint }))
  assert.equal(error.code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  assert.match(error.hint, /\bca\b.*NODE_EXTRA_CA_CERTS.*AWS_CA_BUNDLE/)
})

test('what is no TLS at all', async (t) => {
  const plain = await startMock(t)
  const endpoint = plain.endpoint.replace('http:', 'https:')
  const client = new S3Client({ ...settings, endpoint, maxAttempts: 1 })
  const theirs = await rejection(() => client.send(new PutObjectCommand(input)))
  client.destroy()
  const ours = await rejection(() => uploadState(input, { ...settings, endpoint, maxAttempts: 1 }))
  assert.equal(theirs.code, 'EPROTO')
  assert.equal(ours.code, 'EPROTO')
  assert.equal(plain.requests.length, 0)
  // A server that speaks only what is out of date.
  const old = await startSecure(t, 'good', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })
  const error = await rejection(() => uploadState(input, { ...settings, endpoint: old.endpoint, ca: pem.ca }))
  assert.ok(['EPROTO', 'ECONNRESET'].includes(error.code), error.code)
  assert.equal(old.seen.puts, 0)
  assert.ok(tls.DEFAULT_MIN_VERSION)
})

test('HTTP/1.1 is spoken where HTTP/2 is offered too, as the SDK does', async (t) => {
  const versions = []
  const server = http2.createSecureServer({ key: pem.key, cert: pem.good, allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion)
    request.resume().on('end', () => {
      response.writeHead(200, { etag: '"e"', 'x-amz-server-side-encryption': 'AES256' }).end()
    })
  })
  const port = await listen(t, server)
  const endpoint = `https://127.0.0.1:${port}`
  const client = new S3Client({
    ...settings,
    endpoint,
    requestHandler: { httpsAgent: new https.Agent({ ca: pem.ca }) },
  })
  await client.send(new PutObjectCommand(input))
  client.destroy()
  await uploadState(input, { ...settings, endpoint, ca: pem.ca })
  assert.deepEqual(versions, ['1.1', '1.1'])
})

/** A proxy that does `answer(socket, head)` to CONNECT, and counts what it is asked. */
async function startProxy(t, { connect, forward } = {}) {
  const asked = []
  const server = http.createServer((request, response) => {
    asked.push({ method: request.method, url: request.url, headers: request.headers })
    if (forward) return forward(request, response)
    const { hostname, port, pathname, search } = new URL(request.url)
    const onward = http.request(
      { hostname, port, path: pathname + search, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers)
        answer.pipe(response)
      },
    )
    request.pipe(onward)
  })
  server.on('connect', (request, socket, head) => {
    asked.push({ method: 'CONNECT', url: request.url, headers: request.headers })
    socket.on('error', () => {})
    if (connect) return connect(socket)
    const [host, port] = request.url.split(':')
    const onward = net.connect(port, host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      socket.pipe(onward).pipe(socket)
    })
    onward.on('error', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  const port = await listen(t, server)
  return { asked, port, url: `http://127.0.0.1:${port}` }
}

test('a proxy and a private CA together, by the setting and by HTTPS_PROXY', async (t) => {
  const { seen, port, endpoint } = await startSecure(t, 'good')
  const proxy = await startProxy(t)
  const set = environment(t)
  set()
  const config = { ...settings, endpoint, ca: pem.ca }
  await uploadState(input, { ...config, proxy: proxy.url })
  set({ HTTPS_PROXY: proxy.url })
  await uploadState({ ...input, Body: 'again' }, { ...config, credentials: { ...config.credentials } })
  assert.equal(seen.puts, 2)
  assert.ok(proxy.asked.length >= 1)
  assert.ok(proxy.asked.every(({ method, url }) => method === 'CONNECT' && url === `127.0.0.1:${port}`))
})

test('user and password for the proxy go to the proxy, and into no error', async (t) => {
  const { seen, endpoint } = await startSecure(t, 'good')
  const proxy = await startProxy(t)
  const url = proxy.url.replace('//', '//user:pl%40nted@')
  await uploadState(input, { ...settings, endpoint, ca: pem.ca, proxy: url })
  assert.equal(seen.puts, 1)
  const [scheme, value] = proxy.asked[0].headers['proxy-authorization'].split(' ')
  assert.equal(scheme, 'Basic')
  assert.equal(Buffer.from(value, 'base64').toString(), 'user:pl@nted')
  const refusing = await startProxy(t, {
    connect: (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  })
  const error = await rejection(() =>
    uploadState(input, { ...settings, endpoint, ca: pem.ca, proxy: refusing.url.replace('//', '//user:planted@') }),
  )
  assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /planted/)
  assert.match(error.message, /407|[Pp]roxy/)
  assert.match(error.hint, /proxy/)
})

test('a proxy that refuses, fails or is not there is told as such', async (t) => {
  const { seen, endpoint } = await startSecure(t, 'good')
  const config = { ...settings, endpoint, ca: pem.ca, maxAttempts: 1 }
  for (const answer of [
    'HTTP/1.1 403 Forbidden\r\n\r\n',
    'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 503 Service Unavailable\r\n\r\n',
  ]) {
    const proxy = await startProxy(t, { connect: (socket) => socket.end(answer) })
    const error = await rejection(() => uploadState(input, { ...config, proxy: proxy.url }))
    assert.match(error.message, /[Pp]roxy|tunnel/, answer)
    assert.match(error.hint ?? '', /proxy/, answer)
  }
  const dead = await startProxy(t, { connect: (socket) => socket.destroy() })
  const closed = await rejection(() => uploadState(input, { ...config, proxy: dead.url }))
  assert.ok(closed instanceof Error)
  const gone = await rejection(() => uploadState(input, { ...config, proxy: 'http://127.0.0.1:1' }))
  assert.equal(gone.code, 'ECONNREFUSED')
  assert.match(gone.message, /proxy/)
  assert.equal(seen.puts, 0, 'never around the proxy')
})

test('HTTP_PROXY for http endpoints, and NO_PROXY', async (t) => {
  const mock = await startMock(t)
  const proxy = await startProxy(t)
  const set = environment(t)
  const config = { ...settings, endpoint: mock.endpoint }
  const through = async (variables, more = {}) => {
    set(variables)
    const before = proxy.asked.length
    await uploadState(input, { ...config, ...more })
    return proxy.asked.length > before
  }
  assert.equal(await through({ HTTP_PROXY: proxy.url }), true)
  assert.equal(new URL(proxy.asked[0].url).host, new URL(mock.endpoint).host)
  assert.equal(await through({ http_proxy: proxy.url.replace('http://', '') }), true)
  assert.equal(await through({ HTTP_PROXY: proxy.url }, { proxy: false }), false)
  assert.equal(await through({ HTTPS_PROXY: proxy.url }), false)
  for (const [NO_PROXY, expected] of [
    ['127.0.0.1', false],
    ['example.com, 127.0.0.1', false],
    ['*', false],
    ['example.com 127.0.0.1', false],
    ['127.0.0.0/8', false],
    ['127.0.0.1:443', false],
    ['example.com', true],
    ['', true],
  ]) {
    assert.equal(await through({ HTTP_PROXY: proxy.url, NO_PROXY }), expected, NO_PROXY)
    if (NO_PROXY) assert.equal(await through({}, { proxy: proxy.url, noProxy: NO_PROXY }), expected, NO_PROXY)
  }
  assert.equal(await through({ HTTP_PROXY: proxy.url, no_proxy: '127.0.0.1' }), false)
})

test('for the URL of a bucket, the proxy of its own scheme', async (t) => {
  const mock = await startMock(t)
  const { seen, endpoint } = await startSecure(t, 'good')
  const [plain, secure] = [await startProxy(t), await startProxy(t)]
  environment(t)({ HTTP_PROXY: plain.url, HTTPS_PROXY: secure.url })
  for (const more of [{}, { endpoint: 'http://s3.test' }, { endpoint: 'https://s3.test' }]) {
    const config = { ...settings, ...more, ca: pem.ca, bucketEndpoint: true }
    for (const Bucket of [mock.endpoint, endpoint]) await uploadState({ ...input, Bucket }, config)
  }
  assert.deepEqual(
    plain.asked.map(({ method, url }) => [method, new URL(url).origin]),
    Array(3).fill(['PUT', mock.endpoint]),
  )
  // Its connections are kept.
  assert.ok(secure.asked.length > 0 && secure.asked.every(({ method }) => method === 'CONNECT'))
  assert.deepEqual([mock.puts().length, seen.puts], [3, 3])
})

test('https is spoken, and checked, wherever it is needed beside an http endpoint', async (t) => {
  const { seen, endpoint } = await startSecure(t, 'good')
  const mock = await startMock(t)
  const set = environment(t)
  const config = { ...settings, ca: pem.ca, maxAttempts: 1 }
  // By an https proxy, which sees the request itself.
  set()
  await uploadState(input, { ...config, endpoint: 'http://s3.test', proxy: endpoint })
  assert.equal(seen.puts, 1)
  // To a bucket of its own URL.
  const Bucket = endpoint
  await uploadState({ ...input, Bucket }, { ...config, endpoint: mock.endpoint, bucketEndpoint: true })
  assert.equal(seen.puts, 2)
  // To AWS, where the variable that names the endpoint does not count.
  const proxy = await startProxy(t, { connect: (socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n') })
  const ignored = { AWS_ENDPOINT_URL: mock.endpoint, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }
  set({ ...ignored, HTTPS_PROXY: proxy.url })
  const refused = await rejection(() => uploadState(input, config))
  assert.match(refused.message, /[Pp]roxy|tunnel/)
  assert.equal(proxy.asked[0].url, 's3.us-east-1.amazonaws.com:443')
  // To the service that has the credentials.
  set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/keys`, AWS_EC2_METADATA_DISABLED: 'true' })
  await uploadState(input, { ...config, endpoint: mock.endpoint })
  for (const credentials of [null, undefined]) {
    const before = seen.connections
    await rejection(() => uploadState(input, { ...config, endpoint: mock.endpoint, credentials }))
    assert.ok(seen.connections > before || seen.puts > 2)
  }
  assert.ok(seen.puts > 2, 'the certificate was taken')
  assert.equal(mock.puts().length, 1)
})
