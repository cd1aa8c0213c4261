const { types } = require('node:util')
const { argumentError } = require('./errors.js')

// Deeper than any setting; a cycle ends here too.
const DEEPEST = 8

const AT = Object.getPrototypeOf(Uint8Array.prototype).at
const GET_TIME = Date.prototype.getTime

const BEYOND_JSON = new Set(['function', 'symbol', 'bigint'])

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

/** Any view or buffer as the Uint8Array over the same memory. `place` is how an error calls it. */
function toUint8Array(value, place) {
  try {
    if (types.isAnyArrayBuffer(value)) return new Uint8Array(value)
    // A view that lies outside of its buffer says that it is empty; its methods do not.
    if (types.isTypedArray(value)) AT.call(value, 0)
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  } catch (cause) {
    throw noBytes(place, cause)
  }
}

/** The Uint8Array over a part of `buffer`. */
function view(buffer, offset, length, place) {
  try {
    return new Uint8Array(buffer, offset, length)
  } catch (cause) {
    throw noBytes(place, cause)
  }
}

function noBytes(place, cause) {
  const problem = 'has no bytes any more: its memory was transferred to somebody else or made smaller'
  return argumentError('InvalidParameterValue', place, problem, 'Give bytes that are still there', cause)
}

/** Reads one property; a getter that throws becomes an error that names it. */
function read(object, key, place = key) {
  try {
    return object[key]
  } catch (cause) {
    throw unreadable(place, cause)
  }
}

/**
 * Of the properties `names` those that are set: `entries[name]` becomes `take(value, name)`. In one go:
 * to read each by `read` takes a few times as long.
 */
function readSet(object, names, entries, take) {
  for (const name of names) {
    let value
    try {
      value = object[name]
    } catch (cause) {
      throw unreadable(name, cause)
    }
    // `null` is not set either. The addon asks for each entry; those that are not there cost it as much.
    if (value !== undefined && value !== null) entries[name] = take(value, name)
  }
}

const unreadable = (place, cause) =>
  argumentError('InvalidParameterValue', place, 'cannot be read: its getter threw', 'See cause', cause)

/**
 * A plain copy of `value`, taken at once: no getter runs later, no later change is seen.
 *
 * `place` is how an error calls it.
 */
function copy(value, place, depth = 0) {
  if (typeof value === 'string') checkText(value, place)
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return toUint8Array(value, place).slice()
  // Without what its prototype, or a subclass, makes of it.
  if (types.isDate(value)) return new Date(GET_TIME.call(value))
  // Neither is set.
  if (value === undefined) return null
  if (!isRecord(value)) return value
  if (depth > DEEPEST) {
    throw argumentError('InvalidParameterValue', place, 'is nested too deeply', 'Give plain settings')
  }
  if (Array.isArray(value)) {
    return Array.from({ length: value.length }, (_, index) => {
      const name = `${place}[${index}]`
      return copy(read(value, index, name), name, depth + 1)
    })
  }
  const keys = Object.keys(value)
  if (keys.length === 0 && !isPlain(value)) {
    const problem = 'is an object without properties of its own (a Promise, a Map, a class with getters)'
    throw argumentError('InvalidParameterType', place, problem, 'Give a plain object')
  }
  const entries = Object.create(null)
  for (const key of keys) {
    const name = `${place}.${key}`
    checkText(key, name)
    entries[key] = copy(read(value, key, name), name, depth + 1)
  }
  return entries
}

function checkText(text, place) {
  if (text.isWellFormed()) return
  // It has no UTF-8, and something else would be sent.
  const problem = 'holds half a character (a lone surrogate)'
  throw argumentError('InvalidParameterValue', place, problem, 'Correct the text')
}

/** An object as a literal makes it, in whichever realm. */
function isPlain(object) {
  const prototype = Object.getPrototypeOf(object)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function checkObject(value, name) {
  if (isRecord(value) && !Array.isArray(value)) return
  const type = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
  const found = value === undefined ? 'must be given' : `must be an object, not ${type}`
  throw argumentError('InvalidParameterType', name, found, 'Give an object')
}

/**
 * A copy of the properties `names` of an argument, wherever they stand: inherited, or behind a getter
 * of a class. Of other properties only the names are kept, for those may be misspelt.
 */
function copyArgument(value, argument, names) {
  checkObject(value, argument)
  const entries = Object.create(null)
  for (const key in value) {
    if (key.isWellFormed() && isSet(value, key)) entries[key] = true
  }
  readSet(value, names, entries, copy)
  return entries
}

/** Whether JSON says all that there is to say of a copy. */
function isJson(value) {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return !BEYOND_JSON.has(typeof value)
  // Some old libraries give all arrays a `toJSON`.
  if (Array.isArray(value)) return !('toJSON' in value) && value.every(isJson)
  // Others are bytes or dates; copies have no prototype.
  if (Object.getPrototypeOf(value) !== null) return false
  for (const key in value) {
    if (!isJson(value[key])) return false
  }
  return true
}

function isSet(object, key) {
  try {
    return object[key] !== undefined && object[key] !== null
  } catch {
    return true
  }
}

module.exports = { checkObject, copy, copyArgument, isJson, isRecord, read, readSet, toUint8Array, view }
