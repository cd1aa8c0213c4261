const { clean, paint } = require('./style.js')

/** The command line itself is wrong: nothing was done. */
class UsageError extends Error {
  constructor(message, { hint, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'UsageError'
    this.hint = hint
  }
}

// Names of the library's argument errors. S3 has errors of its own with such names, and they carry `$metadata`.
const ARGUMENT = [
  ...['MissingRequiredParameter', 'InvalidParameterType', 'InvalidParameterValue', 'EncryptionConflict'],
  'MalformedPolicy',
]

const SIGNALS = { SIGINT: 130, SIGTERM: 143 }

/** 2 for what the caller wrote, 128 and the signal's number for a stop, else 1. */
function exitCode(error) {
  if (error instanceof UsageError) return 2
  if (error.name === 'AbortError' && error.cause?.signal) return SIGNALS[error.cause.signal]
  return ARGUMENT.includes(error.name) && error.$metadata === undefined ? 2 : 1
}

/** One line on standard error; with `json` the error also as the document that was asked for. */
function report(error, { json, verbose }) {
  const colour = paint(process.stderr)
  process.stderr.write(`${colour('red', 'error:')} ${clean(sentence(error))}\n`)
  if (verbose) process.stderr.write(`${stacks(error)}\n`)
  if (json) process.stdout.write(`${JSON.stringify({ error: told(error) }, null, 2)}\n`)
}

function sentence({ name, message, hint = '', place, $fault }) {
  // The library's messages end in the hint; the place belongs before it.
  const text = message.endsWith(hint) ? message.slice(0, message.length - hint.length) : message
  const isCode = ($fault !== undefined || name === 'EncryptionNotApplied') && text !== name
  const problem = isCode ? `${name}: ${text || 'no message'}` : text || name
  const parts = [place ? `${trimmed(problem)} (${place})` : problem, hint].map(trimmed).filter(Boolean)
  return parts.reduce((whole, part) => `${whole}${whole.endsWith('?') ? '' : '.'} ${part}`)
}

/** In one line, and without the dot at its end. */
function trimmed(text) {
  return text.replace(/\s+/g, ' ').replace(/[.\s]+$/, '')
}

function stacks(error) {
  const stack = clean(error.stack, '\n')
  return error.cause instanceof Error ? `${stack}\n[cause] ${stacks(error.cause)}` : stack
}

/** What a machine may want of an error. */
const TOLD = [
  ...['name', 'message', 'hint', 'setting', 'place', 'code', 'statusCode', 'requestId', 'retryable'],
  ...['outcome', 'Bucket', 'Key', 'ETag', 'VersionId'],
]

function told(error) {
  const known = TOLD.map((name) => [name, error[name]]).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known)
}

module.exports = { SIGNALS, UsageError, exitCode, report }
