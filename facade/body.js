const { fileURLToPath } = require('node:url')
const { types } = require('node:util')
const { argumentError } = require('./errors.js')
const { read, toUint8Array } = require('./copy.js')

const REMEDY = 'Give a string, Buffer, typed array, ArrayBuffer, Blob, stream or { path }; plain values go into State'

/**
 * The body in one of the addon's forms: `bytes` (a string, bytes or `{ path }`) that it copies at
 * once, or `later`, a function that reads a stream or Blob to its end.
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
  if (body === undefined || body === null) return { bytes: '' }
  if (typeof body === 'string') return { bytes: body }
  if (ArrayBuffer.isView(body) || types.isAnyArrayBuffer(body)) return { bytes: unshared(toUint8Array(body)) }
  if (body instanceof Blob) return { later: async () => new Uint8Array(await body.arrayBuffer()) }
  if (isStream(body)) return { later: () => readAll(body) }
  if (typeof body === 'object' && 'path' in body) return { bytes: { path: toPath(read(body, 'path', 'Body.path')) } }
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
    throw argumentError(
      'InvalidParameterValue',
      'State',
      `cannot be written as JSON: ${cause?.message}`,
      'Give plain data',
      cause,
    )
  }
  if (json === undefined) {
    throw argumentError(
      'InvalidParameterType',
      'State',
      `must not be ${describe(state)}`,
      'Give a value that JSON can write',
    )
  }
  return json
}

// Other threads can change shared memory while the addon reads it.
function unshared(bytes) {
  return types.isSharedArrayBuffer(bytes.buffer) ? bytes.slice() : bytes
}

function toPath(path) {
  if (path instanceof URL) {
    try {
      return fileURLToPath(path)
    } catch (cause) {
      throw argumentError(
        'InvalidParameterValue',
        'Body.path',
        'is not a file: URL',
        'Give a path or a file: URL',
        cause,
      )
    }
  }
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw argumentError('InvalidParameterType', 'Body.path', 'must be a path', 'Give a non-empty string or a file: URL')
}

function isStream(body) {
  return (
    typeof body === 'object' &&
    (typeof body[Symbol.asyncIterator] === 'function' || typeof body.getReader === 'function')
  )
}

async function readAll(stream) {
  const used = stream.locked || stream.readableDidRead || stream.destroyed
  // A stream that failed says so itself when it is read.
  if (used && !stream.errored) {
    throw argumentError(
      'InvalidParameterValue',
      'Body',
      'is a stream that was read already or is closed',
      'Give a stream that nobody has read',
    )
  }
  const chunks = []
  for await (const chunk of stream) {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk, stream.readableEncoding ?? 'utf8'))
    else if (ArrayBuffer.isView(chunk) || types.isAnyArrayBuffer(chunk)) chunks.push(Buffer.from(toUint8Array(chunk)))
    else
      throw argumentError(
        'InvalidParameterType',
        'Body',
        `is a stream of something else than bytes (${describe(chunk)})`,
        'Give a stream of bytes or strings',
      )
  }
  return Buffer.concat(chunks)
}

module.exports = { takeBody }
