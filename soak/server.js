// A stand-in for S3 that fails one request in a hundred, each time in the next of these ways.
const http = require('node:http')

const FAILURES = [
  (response) => respond(response, 503, 'SlowDown'),
  (response) => response.socket.destroy(),
  (response) => respond(response, 500, 'InternalError'),
  (response) => respond(response, 403, 'AccessDenied'),
  // Written, and not as it was asked.
  (response) => response.writeHead(200, { etag: '"e"' }).end(),
  // An answer that ends in the middle.
  (response) => {
    response.writeHead(500, { 'content-length': 1000 }).write('<Error><Code>Internal')
    setImmediate(() => response.socket.destroy())
  },
]

function respond(response, status, code) {
  response.writeHead(status, { 'x-amz-request-id': 'R' })
  response.end(`<Error><Code>${code}</Code><Message>injected</Message></Error>`)
}

let requests = 0
let failures = 0

const server = http.createServer((request, response) => {
  request.resume().on('end', () => {
    // After a refusal the bucket's policy is read, to say which statement refused.
    if (request.method !== 'PUT') return respond(response, 404, 'NoSuchBucketPolicy')
    requests += 1
    if (requests % 100 === 0) {
      failures += 1
      return FAILURES[failures % FAILURES.length](response)
    }
    const asked = request.headers['x-amz-server-side-encryption']
    response.writeHead(200, { etag: '"e"', 'x-amz-request-id': 'R', 'x-amz-server-side-encryption': asked }).end()
  })
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', () => process.send({ requests, failures }))
process.on('disconnect', () => process.exit())
