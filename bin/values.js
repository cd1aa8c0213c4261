const fs = require('node:fs')
const path = require('node:path')
const { UsageError } = require('./failure.js')

/**
 * What an option's texts mean. `place` is how an error calls their origin, `folder` where relative
 * paths begin.
 */
function convert({ type = 'text' }, texts, place, folder = process.cwd()) {
  return TYPES[type](texts, place, folder)
}

// An option that is given twice counts as it was given last, unless it is repeatable.
const TYPES = {
  text: (texts) => texts.at(-1),
  boolean: (texts, place) => flag(texts.at(-1), place),
  number: (texts, place) => number(texts.at(-1), place),
  size: (texts, place) => size(texts.at(-1), place),
  proxy: (texts, place) => proxy(texts.at(-1), place),
  // A version of TLS is a word, not a number.
  tls: (texts) => (/^(true|false)$/.test(texts.at(-1)) ? texts.at(-1) === 'true' : texts.at(-1)),
  date: (texts, place) => date(texts.at(-1), place),
  list: (texts) => texts.flatMap((text) => text.split(',')).map((text) => text.trim()),
  pairs: (texts, place) => Object.assign({}, ...texts.map((text) => pairs(text, place))),
  // A name that is given several times has several values.
  context: (texts, place) => texts.map((text) => pairs(text, place)).reduce(together, {}),
  tags: (texts, place) => new URLSearchParams(TYPES.pairs(texts, place)).toString().replaceAll('+', '%20'),
  audit: (texts, _place, folder) => ({ file: path.resolve(folder, texts.at(-1)) }),
  certificates: (texts, place, folder) => TYPES.list(texts).map((file) => readText(file, place, folder)),
  'customer-key': (texts, place, folder) => customerKey(readFile(texts.at(-1), place, folder)),
}

const FLAGS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function flag(text, place) {
  if (FLAGS.has(text)) return FLAGS.get(text)
  throw new UsageError(`${place} must be true or false`)
}

function number(text, place) {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new UsageError(`${place} must be a number`)
}

const UNITS = { '': 1, b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, kb: 1e3, mb: 1e6, gb: 1e9 }

function size(text, place) {
  const [, digits, unit] = /^(\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = digits && UNITS[unit.toLowerCase()]
  if (factor) return Number(digits) * factor
  throw new UsageError(`${place} must be a number of bytes`, { hint: 'Write such as 8388608, 8MiB or 8MB' })
}

function proxy(text) {
  return text === 'none' ? false : text
}

function date(text, place) {
  const value = new Date(text)
  if (!Number.isNaN(value.getTime())) return value
  throw new UsageError(`${place} is not a date`, { hint: 'Write such as 2027-01-31 or 2027-01-31T12:00:00Z' })
}

function pairs(text, place) {
  if (text.startsWith('{')) return jsonPairs(text, place)
  const end = text.indexOf('=')
  if (end > 0) return { [text.slice(0, end)]: text.slice(end + 1) }
  throw new UsageError(`${place} is not a pair`, { hint: 'Write name=value, or a JSON object' })
}

function together(before, more) {
  const all = { ...before }
  for (const [name, value] of Object.entries(more)) {
    all[name] = Object.hasOwn(before, name) ? [before[name], value].flat() : value
  }
  return all
}

function jsonPairs(text, place) {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    throw new UsageError(`${place} is not valid JSON`, { hint: 'Write name=value, or a JSON object' })
  }
}

function readFile(file, place, folder) {
  try {
    return fs.readFileSync(path.resolve(folder, file))
  } catch (cause) {
    throw new UsageError(`${place} cannot be read: ${cause.message}`, { cause })
  }
}

function readText(file, place, folder) {
  return readFile(file, place, folder).toString()
}

/** A key as raw bytes, or as the text of a file, which ends with a line break. */
function customerKey(bytes) {
  return bytes.length === 32 ? bytes : bytes.toString().trim()
}

module.exports = { convert }
