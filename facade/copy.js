const { types } = require('node:util')
const { argumentError } = require('./errors.js')

// Deeper than any setting; a cycle ends here too.
const DEEPEST = 8

/** Whether `value` is an object that the addon reads entry by entry. */
function isRecord(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    !types.isAnyArrayBuffer(value) &&
    !types.isDate(value)
  )
}

/** Any view or buffer as the Uint8Array over the same memory. */
function toUint8Array(value) {
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value)
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

/** Reads one property; a getter that throws becomes an error that names it. */
function read(object, key, place) {
  try {
    return object[key]
  } catch (cause) {
    throw argumentError('InvalidParameterValue', place, 'cannot be read: its getter threw', 'See cause', cause)
  }
}

/**
 * A plain copy of `value`, taken at once: no getter runs later, no later change is seen.
 *
 * `place` is how an error calls it.
 */
function copy(value, place, depth = 0) {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return toUint8Array(value)
  if (!isRecord(value)) return value
  if (depth > DEEPEST) {
    throw argumentError('InvalidParameterValue', place, 'is nested too deeply', 'Give plain settings')
  }
  if (Array.isArray(value)) return value.map((item, index) => copy(item, `${place}[${index}]`, depth + 1))
  const entries = Object.create(null)
  for (const key of Object.keys(value)) {
    const name = place ? `${place}.${key}` : key
    entries[key] = copy(read(value, key, name), name, depth + 1)
  }
  return entries
}

/**
 * A copy of the argument itself, whose properties may be inherited or on a prototype (class
 * instances), without those named in `except`.
 */
function copyArgument(value, name, except, names = []) {
  if (!isRecord(value) || Array.isArray(value)) {
    const type = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
    const found = value === undefined ? 'must be given' : `must be an object, not ${type}`
    throw argumentError('InvalidParameterType', name, found, 'Give an object')
  }
  const keys = new Set(names)
  for (const key in value) keys.add(key)
  const entries = Object.create(null)
  for (const key of keys) {
    if (!except.has(key)) entries[key] = copy(read(value, key, key), key)
  }
  return entries
}

module.exports = { copyArgument, isRecord, read, toUint8Array }
