const http = require('node:http')
const { closing } = require('./closing.js')

/**
 * A forwarder in front of the http server at `target` that keeps what passes: each entry of
 * `requests` is `{ method, path, headers, status }`, headers in the order and the case of the wire.
 */
function startWiretap(target) {
  const { hostname, port } = new URL(target)
  const requests = []
  const server = http.createServer((request, response) => {
    const { method, url, rawHeaders } = request
    const headers = {}
    for (let i = 0; i < rawHeaders.length; i += 2) headers[rawHeaders[i]] = rawHeaders[i + 1]
    const seen = { method, path: url, headers }
    requests.push(seen)
    const onward = http.request({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      seen.status = answer.statusCode
      response.writeHead(answer.statusCode, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  const stop = closing(server)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      resolve({ endpoint: `http://127.0.0.1:${server.address().port}`, requests, stop })
    })
  })
}

module.exports = { startWiretap }
