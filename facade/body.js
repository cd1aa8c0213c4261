const fs = require('node:fs')
const { types } = require('node:util')
const { argumentError } = require('./errors.js')
const { read, toUint8Array } = require('./copy.js')
const { takeBytes } = require('./lent.js')
const { messageOf } = require('./thrown.js')

const REMEDY = 'Give a string, Buffer, typed array, ArrayBuffer, Blob, stream or { path }; plain values go into State'
const STATE_REMEDY = 'Give a value for JSON'

/**
 * The body in one of the forms that the upload knows: `bytes` (a string or bytes), `file`
 * (`{ path, start, end }`), or what is read chunk by chunk: `stream`, or `lent` bytes; `length` where
 * that tells how long it is.
 */
function takeBody(params) {
  const body = read(params, 'Body')
  const state = read(params, 'State')
  if (state !== undefined) {
    if (body !== undefined && body !== null) {
      throw argumentError('InvalidParameterValue', 'State', 'is given together with Body', 'Give one of the two')
    }
    return { bytes: toJson(state), isJson: true }
  }
  if (body === undefined || body === null) {
    // Instead of a state that its caller failed to compute nothing would be stored.
    if ('State' in params) throw argumentError('InvalidParameterType', 'State', 'is undefined', STATE_REMEDY)
    return { bytes: '' }
  }
  if (typeof body === 'string') return { bytes: body }
  if (ArrayBuffer.isView(body) || types.isAnyArrayBuffer(body)) return takeBytes(toUint8Array(body, 'Body'))
  if (isBlob(body)) return { stream: body.stream(), length: body.size }
  if (isStream(body)) return takeStream(body)
  if (typeof body === 'object' && 'path' in body)
    return { file: { path: require('./path.js').toPath(read(body, 'path', 'Body.path'), 'Body.path') } }
  throw argumentError('InvalidParameterType', 'Body', `must not be ${describe(body)}`, REMEDY)
}

function describe(value) {
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'a plain object' : `a ${typeof value}`
}

// JSON.stringify itself: no other writer has its rules for numbers, order, toJSON and surrogates.
function toJson(state) {
  let json
  try {
    json = JSON.stringify(state)
  } catch (cause) {
    const problem = `cannot be written as JSON: ${messageOf(cause)}`
    throw argumentError('InvalidParameterValue', 'State', problem, 'Give plain data', cause)
  }
  if (json === undefined) {
    throw argumentError('InvalidParameterType', 'State', `must not be ${describe(state)}`, STATE_REMEDY)
  }
  return json
}

// By its shape: a Blob of fetch-blob or formdata-node is of another class.
function isBlob(body) {
  return typeof body?.stream === 'function' && typeof body.arrayBuffer === 'function' && typeof body.size === 'number'
}

function isStream(body) {
  return (
    typeof body === 'object' &&
    (typeof body[Symbol.asyncIterator] === 'function' || typeof body.getReader === 'function')
  )
}

function takeStream(stream) {
  const used = stream.locked || stream.readableDidRead || stream.destroyed
  // A stream that failed says so itself when it is read.
  if (used && !stream.errored) {
    const remedy = 'Give a stream that nobody has read'
    throw argumentError('InvalidParameterValue', 'Body', 'is a stream that was read already or is closed', remedy)
  }
  // It may fail before it is read, and an error that nobody listens to ends the process.
  stream.on?.('error', () => {})
  return { stream }
}

const WATCHED = ['data', 'readable', 'end', 'close']

/**
 * The file behind a stream of Node that nobody has read, `{ path, start, end }` with `end` as the
 * first byte not to read: the addon reads it without the event loop. Else nothing.
 *
 * Waits until it is open, so that a file that cannot be opened fails with the stream's own error;
 * a pipe opens when somebody writes to it.
 */
async function fileBehind(stream, signal) {
  if (typeof stream.path !== 'string' || stream.readableEncoding) return undefined
  // Not taken from fs before there is such a stream: it loads all of Node's streams.
  if (!(stream instanceof fs.ReadStream)) return undefined
  if (stream.pending) {
    const ready = new Promise((resolve, reject) => stream.once('ready', resolve).once('error', reject))
    await require('./abort.js').unlessAborted(signal, ready)
  }
  if (stream.pending || stream.bytesRead > 0 || stream.readableDidRead || stream.destroyed) return undefined
  // Who listens wants to see the bytes, or their end.
  if (WATCHED.some((event) => stream.listenerCount(event) > 0)) return undefined
  const { path, start, end } = stream
  if (!isStillAt(path, stream.fd)) return undefined
  stream.destroy()
  return { path, start, end: Number.isFinite(end) ? end + 1 : undefined }
}

/** Whether the file that was opened is one that can be read by its path, and no other has taken its place. */
function isStillAt(path, fd) {
  try {
    const [found, opened] = [fs.statSync(path), fs.fstatSync(fd)]
    // What a pipe or a device gave to a stream, it gives to nobody else.
    return found.size > 0 && found.ino === opened.ino && found.dev === opened.dev
  } catch {
    // Deleted, or of a file system that only the stream knows.
    return false
  }
}

/** A chunk of a stream as bytes. Text is stored as text, whatever a stream's encoding made of it. */
function toBytes(chunk) {
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (ArrayBuffer.isView(chunk) || types.isAnyArrayBuffer(chunk)) return toUint8Array(chunk, 'Body')
  const problem = `is a stream of something else than bytes (${describe(chunk)})`
  throw argumentError('InvalidParameterType', 'Body', problem, 'Give a stream of bytes or strings')
}

module.exports = { fileBehind, takeBody, toBytes }
