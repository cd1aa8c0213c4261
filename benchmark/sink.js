// A server that takes every put at once and answers as S3 does: what is measured is the client.
const fs = require('node:fs')
const net = require('node:net')
const tls = require('node:tls')

const END = Buffer.from('\r\n\r\n')
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

function answer(head) {
  const asked = /^x-amz-server-side-encryption: *(\S+)/im.exec(head)
  const sse = asked ? `x-amz-server-side-encryption: ${asked[1]}\r\n` : ''
  const [line] = head.split('\r\n', 1)
  let body = ''
  if (/^POST .*[?&]uploads/.test(line)) {
    body = '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'
  } else if (/^POST .*uploadId=/.test(line)) {
    body = '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>'
  } else if (/^GET .*[?&]location/.test(line)) {
    body = '<LocationConstraint>us-east-1</LocationConstraint>'
  }
  return `HTTP/1.1 200 OK\r\netag: "e"\r\nx-amz-request-id: R\r\n${sse}content-length: ${body.length}\r\n\r\n${body}`
}

/** Serves one connection: heads are read, bodies counted, answers written. */
function serve(socket) {
  let head = Buffer.alloc(0)
  // Bytes of the body that are still to come; NaN while a chunked body is read to its last chunk.
  let left = -1
  let reply
  let tail = ''
  const finish = () => {
    socket.write(reply)
    left = -1
  }
  const take = (data) => {
    while (data.length > 0 || left === 0) {
      if (left === 0) {
        finish()
      } else if (left > 0) {
        const size = Math.min(left, data.length)
        left -= size
        data = data.subarray(size)
      } else if (Number.isNaN(left)) {
        tail = (tail + data.subarray(-16).toString('latin1')).slice(-16)
        data = data.subarray(data.length)
        if (!tail.endsWith('0\r\n\r\n')) return
        tail = ''
        finish()
      } else {
        head = head.length ? Buffer.concat([head, data]) : data
        const end = head.indexOf(END)
        if (end < 0) return
        const text = head.toString('latin1', 0, end)
        data = head.subarray(end + END.length)
        head = Buffer.alloc(0)
        reply = answer(text)
        if (/^expect:/im.test(text)) socket.write(CONTINUE)
        const length = /^content-length: *(\d+)/im.exec(text)
        left = length ? Number(length[1]) : /^transfer-encoding: *chunked/im.test(text) ? Number.NaN : 0
      }
    }
  }
  socket.setNoDelay(true)
  socket.on('data', take).on('error', () => {})
}

const [cert, key] = process.argv.slice(2)
const server = cert
  ? tls.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, serve)
  : net.createServer(serve)
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())
