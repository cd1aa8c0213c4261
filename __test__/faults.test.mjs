// Servers and networks that fail: what the AWS SDK does, what we do, and that nothing is lost.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { uploadState } from 'stateseal'
import { rejection, signedAt, startMock, xmlError } from './support/mock.mjs'
import { accept, settle, startRecorder } from './support/recorder.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const input = { Bucket: 'b', Key: 'k', Body: Buffer.alloc(1_000_000, 'state ') }
const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'not-a-real-secret' }
const SSE = { 'x-amz-server-side-encryption': 'AES256' }

async function listen(t, server) {
  const sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return server.address().port
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What a server may do to a request instead of answering it. */
const FAULTS = {
  'reset before the body': (request) => request.socket.resetAndDestroy(),
  'closed before the body': (request) => request.socket.destroy(),
  'reset during the body': (request) => request.once('data', () => request.socket.resetAndDestroy()),
  'closed during the body': (request) => request.once('data', () => request.socket.destroy()),
  'reset after the body': async (request) => {
    await bodyOf(request)
    request.socket.resetAndDestroy()
  },
  'closed after the body': async (request) => {
    await bodyOf(request)
    request.socket.destroy()
  },
  'closed in the middle of the head': async (request) => {
    await bodyOf(request)
    request.socket.end('HTTP/1.1 200 OK\r\nx-amz-server-side-enc')
  },
}

/** A server that does `fault` to the first `times` puts, and stores the others. */
async function startFaulty(t, fault, times = Number.POSITIVE_INFINITY) {
  const seen = { puts: 0, stored: [], sockets: new Set() }
  const server = http.createServer(async (request, response) => {
    request.on('error', () => {})
    // A refusal is explained with the bucket's policy.
    if (request.method === 'GET') return response.writeHead(404).end()
    if (++seen.puts <= times) return fault(request, response)
    seen.stored.push(await bodyOf(request))
    response.writeHead(200, { etag: '"e"', ...SSE }).end()
  })
  server.on('checkContinue', (request, response) => {
    response.writeContinue()
    server.emit('request', request, response)
  })
  // On a busy machine five seconds pass between two requests, and a closed connection is a retry.
  server.keepAliveTimeout = 120_000
  server.on('connection', (socket) => seen.sockets.add(socket))
  const endpoint = `http://127.0.0.1:${await listen(t, server)}`
  return { seen, config: { endpoint, region: 'us-east-1', credentials, forcePathStyle: true } }
}

async function bySdk(config, params = input) {
  const client = new S3Client(config)
  try {
    return await settle(() => client.send(new PutObjectCommand(params)))
  } finally {
    client.destroy()
  }
}
const byUs = (config, params = input) => settle(() => uploadState(params, { ...config, encryption: 'AES256' }))

// A small body goes another way through the addon than a large one.
const small = { ...input, Body: Buffer.alloc(1000, 'state ') }
const byUsSmall = (config) => byUs(config, small)
const PUTS = [bySdk, byUs, byUsSmall]
const sentBy = (put) => (put === byUsSmall ? small : input).Body

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`${name}: tried again, and stored once`, async (t) => {
    for (const put of PUTS) {
      const { seen, config } = await startFaulty(t, fault, 1)
      const { value, error } = await put(config)
      assert.ifError(error)
      assert.equal(value.$metadata.attempts, 2)
      assert.equal(seen.puts, 2)
      assert.deepEqual(
        seen.stored.map((body) => body.equals(sentBy(put))),
        [true],
      )
    }
  })

  test(`${name}, every time: the SDK's error after its number of attempts`, async (t) => {
    const errors = []
    for (const put of PUTS) {
      const { seen, config } = await startFaulty(t, fault)
      const { error } = await put(config)
      assert.equal(seen.puts, 3)
      assert.equal(error.$metadata.attempts, 3)
      assert.equal(error.$metadata.httpStatusCode, undefined)
      errors.push(error)
    }
    const [theirs, ...ours] = errors
    for (const { code, name } of ours) {
      assert.match(code, /^(ECONNRESET|EPIPE)$/)
      // Which of the two it is depends on how far the body got; a cut head has a code of Node's parser.
      if (/^(ECONNRESET|EPIPE)$/.test(theirs.code)) assert.equal(name, theirs.name)
    }
  })
}

test('answers that come late, in pieces, or before the body', async (t) => {
  const answers = {
    'slow first byte': async (request, response) => {
      await bodyOf(request)
      setTimeout(() => response.writeHead(200, { etag: '"e"', ...SSE }).end(), 400)
    },
    'byte by byte': async (request) => {
      await bodyOf(request)
      const text = `HTTP/1.1 200 OK\r\netag: "e"\r\n${Object.entries(SSE)[0].join(': ')}\r\ncontent-length: 0\r\n\r\n`
      for (const letter of text) {
        request.socket.write(letter)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    '100 Continue, and 103': async (request, response) => {
      response.writeContinue()
      await bodyOf(request)
      response.writeEarlyHints({ link: '</x>; rel=preload' })
      response.writeHead(200, { etag: '"e"', ...SSE }).end()
    },
  }
  for (const [name, answer] of Object.entries(answers)) {
    for (const put of PUTS) {
      const { seen, config } = await startFaulty(t, answer)
      const { value, error } = await put(config)
      assert.ifError(error)
      assert.equal(value.ETag, '"e"', name)
      assert.equal(seen.puts, 1, name)
    }
  }
})

test('a refusal before the body was sent is the refusal', async (t) => {
  const { config } = await startFaulty(t, (request, response) => {
    response.writeHead(403, { 'content-type': 'application/xml', connection: 'close' })
    response.end(xmlError('AccessDenied', 'Access Denied'))
    request.resume()
  })
  for (const put of PUTS) assert.equal((await put(config)).error.name, 'AccessDenied')
})

test('an answer with more headers than a client reckons with', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`x-of-a-proxy-${n}`, 'v']))
  for (const put of PUTS) {
    const { config } = await startFaulty(t, async (request, response) => {
      await bodyOf(request)
      response.writeHead(200, { etag: '"e"', ...many, ...SSE }).end()
    })
    const { value, error } = await put(config)
    assert.ifError(error)
    assert.equal(value.ServerSideEncryption, 'AES256')
  }
})

test('a server that is slow to read', async (t) => {
  // As many bytes as the way over JavaScript's own thread takes; most wait for room in the socket.
  const params = { ...input, Body: Buffer.alloc(128 * 1024, 'state ') }
  const seen = { length: 0 }
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    const read = () => {
      const chunk = socket.read(2000)
      if (chunk) seen.length += chunk.length
      if (seen.length < params.Body.length) return setTimeout(read, 1)
      socket.on('data', () => {})
      socket.write('HTTP/1.1 200 OK\r\netag: "e"\r\nx-amz-server-side-encryption: AES256\r\ncontent-length: 0\r\n\r\n')
    }
    setTimeout(() => socket.resume().pause() && read(), 200)
  })
  const endpoint = `http://127.0.0.1:${await listen(t, server)}`
  const { value, error } = await byUs({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true }, params)
  assert.ifError(error)
  assert.equal(value.ETag, '"e"')
})

test('no answer: requestTimeout ends each attempt', async (t) => {
  for (const put of PUTS) {
    const { seen, config } = await startFaulty(t, async (request) => void (await bodyOf(request)))
    const requestHandler = put === bySdk ? { requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true } } : {}
    const { error } = await put({ ...config, requestTimeout: 200, maxAttempts: 2, ...requestHandler })
    assert.equal(error.name, 'TimeoutError')
    assert.equal(error.code, 'ETIMEDOUT')
    assert.equal(seen.puts, 2)
  }
  const { seen, config } = await startFaulty(t, async (request) => void (await bodyOf(request)), 1)
  const { value } = await byUs({ ...config, requestTimeout: 1000 })
  assert.equal(value.$metadata.attempts, 2)
  assert.equal(seen.stored.length, 1)
})

test('an error body that is cut off is an error, and tried again', async (t) => {
  const cut = async (request) => {
    await bodyOf(request)
    request.socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 500\r\n\r\n<Error><Code>Acc')
  }
  for (const put of PUTS) {
    const { config } = await startFaulty(t, cut)
    const { error } = await put({ ...config, maxAttempts: 1 })
    assert.ok(error instanceof Error)
    assert.notEqual(error.name, 'Acc')
  }
  const { seen, config } = await startFaulty(t, cut, 1)
  const { error } = await byUs(config)
  assert.ok(error === undefined || error.$metadata.httpStatusCode === 403)
  assert.ok(seen.stored.length <= 1)
})

test('what S3 answers when it is busy: tried again, and stored once', async (t) => {
  for (const [status, code] of [
    [500, 'InternalError'],
    [503, 'SlowDown'],
    [503, 'ServiceUnavailable'],
    [429, 'TooManyRequests'],
    [400, 'RequestTimeout'],
    [409, 'ConditionalRequestConflict'],
    [200, 'InternalError'],
  ]) {
    const { seen, config } = await startFaulty(
      t,
      async (request, response) => {
        await bodyOf(request)
        response.writeHead(status).end(xmlError(code, 'busy'))
      },
      1,
    )
    const { value, error } = await byUs(config)
    assert.ifError(error)
    assert.equal(value.$metadata.attempts, 2, code)
    assert.deepEqual([seen.puts, seen.stored.length], [2, 1], code)
    assert.ok(seen.stored[0].equals(input.Body))
  }
})

test('what is never tried again', async (t) => {
  for (const [status, code] of [
    [400, 'BadDigest'],
    [400, 'InvalidDigest'],
    [403, 'AccessDenied'],
    [403, 'SignatureDoesNotMatch'],
    [412, 'PreconditionFailed'],
    [307, 'TemporaryRedirect'],
  ]) {
    for (const put of PUTS) {
      const { seen, config } = await startFaulty(t, async (request, response) => {
        await bodyOf(request)
        response.writeHead(status).end(xmlError(code, 'm'))
      })
      assert.equal((await put(config)).error.name, code)
      assert.equal(seen.puts, 1, code)
    }
  }
})

test('a server that wishes that we wait: for puts and for parts', async (t) => {
  const parts = { Bucket: 'b', Key: 'k', Body: Buffer.alloc(6 * 1024 * 1024) }
  const byUpload = async (config) => {
    const client = new S3Client(config)
    try {
      return await settle(() => new Upload({ client, params: parts }).done())
    } finally {
      client.destroy()
    }
  }
  const ways = {
    'SDK, put': bySdk,
    'SDK, parts': byUpload,
    put: byUs,
    'adaptive put': (config) => byUs({ ...config, retryMode: 'adaptive' }),
    parts: (config) => byUs(config, parts),
  }
  const wishes = [{ 'retry-after': '1' }, { 'x-amz-retry-after': '1000' }, { 'retry-after': '1.0' }]
  const waits = async ([name, put], headers) => {
    const recorder = await startRecorder(t)
    const times = []
    recorder.answer = (request) => {
      const { method, query } = request
      if (method !== 'PUT' || query.get('partNumber') === '2') return accept(request)
      times.push(Date.now())
      return times.length > 1 ? accept(request) : { status: 503, headers, body: xmlError('ServiceUnavailable') }
    }
    assert.ifError((await put(recorder.config)).error)
    const waited = times[1] - times[0]
    assert.ok(waited >= 990 && waited < 4000, `${name}, ${JSON.stringify(headers)}: ${waited} ms`)
  }
  await Promise.all(Object.entries(ways).flatMap((way) => wishes.map((headers) => waits(way, headers))))
})

test('a wrong checksum is found by the server, for the right one was sent', async (t) => {
  const { config } = await startFaulty(t, async (request, response) => {
    const body = await bodyOf(request)
    const { createHash } = await import('node:crypto')
    const right = createHash('sha256').update(body).digest('base64') === request.headers['x-amz-checksum-sha256']
    if (right) response.writeHead(200, { etag: '"e"', ...SSE }).end()
    else response.writeHead(400).end(xmlError('BadDigest', 'The SHA256 you specified did not match'))
  })
  const params = { ...input, ChecksumAlgorithm: 'SHA256' }
  for (const put of [bySdk, byUs]) {
    assert.ifError((await put(config, params)).error)
    const wrong = { ...params, ChecksumSHA256: Buffer.alloc(32).toString('base64') }
    assert.equal((await put(config, wrong)).error.name, 'BadDigest')
  }
})

test('a clock that is wrong is put right, for each of the uploads that were under way', async (t) => {
  for (const hours of [-2, 2]) {
    for (const [more, code] of [
      [{}, 'RequestTimeTooSkewed'],
      [{ retryMode: 'adaptive' }, 'RequestTimeTooSkewed'],
      [{}, 'RequestExpired'],
      [{ retryMode: 'adaptive' }, 'SignatureDoesNotMatch'],
    ]) {
      const there = () => Date.now() + hours * 3_600_000
      const waiting = []
      const together = 4
      const mock = await startMock(t, {
        async PutObject(request) {
          const isRight = Math.abs(signedAt(request) - there()) < 900_000
          // All are signed before the first of them hears that its time was wrong.
          if (!isRight) {
            await new Promise((resolve) => {
              waiting.push(resolve)
              if (waiting.length === together) for (const go of waiting.splice(0)) go()
            })
          }
          const date = new Date(there()).toUTCString()
          if (!isRight) return { status: 403, headers: { date }, body: xmlError(code) }
          return { headers: { date, etag: '"e"', ...SSE } }
        },
      })
      const config = { ...mock.config, maxAttempts: 2, encryption: 'AES256', ...more }
      const puts = Array.from({ length: together }, (_, n) => uploadState({ ...input, Key: `k${n}` }, config))
      for (const { $metadata } of await Promise.all(puts)) assert.equal($metadata.attempts, 2)
      await uploadState(input, config)
      assert.equal(mock.puts().length, 2 * together + 1, 'and from then on it is right')
    }
  }
})

test('a connection that the server has closed meanwhile is no failure', async (t) => {
  const { seen, config } = await startFaulty(t, () => {}, 0)
  for (let round = 0; round < 5; round++) {
    assert.ifError((await byUs(config)).error)
    // Without a word in the answer: the next put may still find it in the pool.
    await new Promise((resolve) => setTimeout(resolve, round * 5))
    for (const socket of seen.sockets) socket.destroy()
  }
  assert.equal(seen.stored.length, 5)
})

test('a 412 of our own making is recognized, one of others is not', async (t) => {
  const { crc32 } = await import('node:zlib')
  const sum = (body) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(crc32(body))
    return bytes.toString('base64')
  }
  for (const [stored, wins] of [
    [Buffer.from('ours'), true],
    [Buffer.from('theirs'), false],
    [undefined, false],
  ]) {
    let puts = 0
    let headed
    const server = http.createServer(async (request, response) => {
      await bodyOf(request)
      if (request.method === 'PUT') {
        if (++puts === 1) return request.socket.destroy()
        return response.writeHead(412).end(xmlError('PreconditionFailed', 'exists'))
      }
      headed = request.headers
      if (!stored) return response.writeHead(403).end()
      response.writeHead(200, { etag: '"stored"', 'x-amz-checksum-crc32': sum(stored), ...SSE }).end()
    })
    const endpoint = `http://127.0.0.1:${await listen(t, server)}`
    const config = { endpoint, region: 'us-east-1', credentials, forcePathStyle: true }
    const { value, error } = await byUs(config, { Bucket: 'b', Key: 'k', Body: 'ours', IfNoneMatch: '*' })
    assert.equal(headed['x-amz-checksum-mode'], 'ENABLED')
    if (wins) assert.equal(value.ETag, '"stored"')
    else assert.equal(error.name, 'PreconditionFailed')
  }
})

test('a 412 at the first try is nobody else than the condition', async (t) => {
  const mock = await startMock(t, { PutObject: () => ({ status: 412, body: xmlError('PreconditionFailed') }) })
  const config = { ...mock.config, maxAttempts: 3, encryption: 'AES256' }
  const error = await rejection(() => uploadState({ ...input, IfNoneMatch: '*' }, config))
  assert.equal(error.name, 'PreconditionFailed')
  assert.equal(mock.requests.length, 1)
})

test('nobody listens, and nobody answers the connection', async (t) => {
  const server = net.createServer()
  const port = await listen(t, server)
  await new Promise((resolve) => server.close(resolve))
  const config = { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials, forcePathStyle: true }
  const [theirs, ours] = [(await bySdk(config)).error, (await byUs(config)).error]
  for (const field of ['name', 'message', 'code', 'errno', 'syscall', 'address', 'port']) {
    assert.equal(ours[field], theirs[field], field)
  }
  assert.equal(ours.$metadata.attempts, theirs.$metadata.attempts)
  const dns = { ...config, endpoint: 'http://nowhere.invalid' }
  const [unknown, own] = [(await bySdk(dns)).error, (await byUs(dns)).error]
  // A machine without any resolver says EAI_AGAIN.
  for (const field of ['name', 'code', 'syscall', 'hostname']) assert.equal(own[field], unknown[field], field)
})

test('no more files may be opened: EMFILE, at the first try', { skip: process.platform === 'win32' }, async (t) => {
  const mock = await startMock(t)
  const script = `
    const fs = require('node:fs')
    const { PutObjectCommand, S3Client } = require('@aws-sdk/client-s3')
    const { uploadState } = require('stateseal')
    const config = ${JSON.stringify({ ...mock.config, maxAttempts: 3, encryption: 'AES256' })}
    const bySdk = (more) => new S3Client({ ...config, ...more }).send(new PutObjectCommand({ Bucket: 'b', Key: 'k' }))
    const byUs = (Body, more) => uploadState({ Bucket: 'b', Key: 'k', Body }, { ...config, ...more })
    ;(async () => {
      await bySdk()
      await byUs({ path: 'package.json' })
      await byUs('x')
      const open = []
      try {
        for (;;) open.push(fs.openSync('/dev/null'))
      } catch {}
      const outcomes = await Promise.allSettled([bySdk(), byUs('x', { connectionTimeout: 9999 }), byUs({ path: 'package.json' })])
      for (const file of open) fs.closeSync(file)
      const told = outcomes.map(({ reason }) => ({ ...reason, message: reason.message, name: reason.name }))
      console.log(JSON.stringify(told))
      process.exit()
    })()`
  const child = spawn('sh', ['-c', 'ulimit -n 80; exec "$0" -e "$1"', process.execPath, script], { cwd: root })
  const output = Buffer.concat(await child.stdout.toArray()).toString()
  const [theirs, ours, file] = JSON.parse(output)
  for (const field of ['name', 'code', 'errno', 'syscall', 'address', 'port']) {
    assert.equal(ours[field], theirs[field], field)
  }
  assert.equal(ours.$metadata.attempts, theirs.$metadata.attempts)
  assert.ok(theirs.message.startsWith(ours.message), ours.message)
  assert.equal(file.code, 'EMFILE')
  for (const { hint } of [ours, file]) assert.match(hint, /limit of open files/)
})

test('parts whose connection breaks are sent again: each byte is stored once', async (t) => {
  const MIB = 1024 * 1024
  const Body = Buffer.concat(['a', 'b', 'c'].map((letter) => Buffer.alloc(5 * MIB, letter)))
  for (const broken of ['create', 'part', 'complete']) {
    const recorder = await startRecorder(t)
    let left = 2
    recorder.answer = (request) => {
      const { method, query } = request
      const step = method === 'PUT' ? 'part' : query.has('uploads') ? 'create' : 'complete'
      return step === broken && left-- > 0 ? 'reset' : accept(request)
    }
    const { error } = await byUs(recorder.config, { Bucket: 'b', Key: 'k', Body })
    assert.ifError(error)
    const requests = recorder.take()
    const parts = requests.filter(({ method }) => method === 'PUT')
    assert.equal(parts.length, broken === 'part' ? 5 : 3)
    for (const { query, body } of parts) {
      assert.ok(body.equals(Body.subarray((query.get('partNumber') - 1) * 5 * MIB, query.get('partNumber') * 5 * MIB)))
    }
    const complete = requests.filter(({ method, query }) => method === 'POST' && query.has('uploadId')).at(-1)
    assert.deepEqual(
      complete.body.toString().match(/<PartNumber>\d/g),
      [1, 2, 3].map((n) => `<PartNumber>${n}`),
    )
    assert.ok(!requests.some(({ method }) => method === 'DELETE'))
  }
})
