const { argumentError } = require('./errors.js')
const { copy, isRecord, read } = require('./copy.js')

const REMEDY = 'Give { accessKeyId, secretAccessKey, sessionToken? } or a function that returns them'
// As in the SDK: asked for again five minutes before they end.
const BEFORE_END = 5 * 60_000

const answers = new WeakMap()

/** Whether they have to be asked for: a sync or async function, or an object of SDK v2 (`getPromise`). */
function isProvider(given) {
  if (given === undefined || given === null) return false
  return typeof given === 'function' || typeof read(given, 'getPromise', 'credentials') === 'function'
}

/** Credentials as they are now, as plain data; a provider as it is, to be asked when they are needed. */
function takeCredentials(given) {
  return isProvider(given) ? given : readCredentials(given)
}

/**
 * `credentials` of the configuration as plain data; of a provider's also when they end, `expiration` in
 * milliseconds. Nothing given is the default chain. What a provider throws is passed on as it is.
 */
async function resolveCredentials(given) {
  const resolved = typeof given === 'function' ? await ask(given) : given
  if (isProvider(resolved)) await resolved.getPromise?.()
  const entries = readCredentials(resolved, given)
  if (isProvider(given)) entries.expiration = endOf(resolved)
  return entries
}

function readCredentials(resolved, given = resolved) {
  if (given === undefined || given === null) return undefined
  if (!isRecord(resolved)) {
    const found = resolved === null ? 'null' : `a ${typeof resolved}`
    throw argumentError('InvalidParameterType', 'credentials', `must not be ${found}`, REMEDY)
  }
  // By name: in SDK v2 the secret is not enumerable.
  const entries = Object.create(null)
  for (const name of ['accessKeyId', 'secretAccessKey', 'sessionToken']) {
    const place = `credentials.${name}`
    const value = read(resolved, name, place)
    if (value !== undefined && value !== null) entries[name] = copy(value, place)
  }
  return entries
}

/** Asks a function once for all uploads that wait, and again only when its answer is about to end. */
function ask(provider) {
  const known = answers.get(provider)
  if (known && (known.pending || known.until > Date.now())) return known.answer
  const entry = { pending: true, until: 0 }
  entry.answer = (async () => provider())()
  answers.set(provider, entry)
  entry.answer.then(
    (credentials) => {
      entry.pending = false
      entry.until = (endOf(credentials) ?? 0) - BEFORE_END
    },
    () => answers.delete(provider),
  )
  return entry.answer
}

/** When they end, in milliseconds; nothing for those that say nothing, which are asked for each time. */
function endOf(credentials) {
  const { expiration, expireTime } = Object(credentials)
  // The second is SDK v2's.
  const time = expiration ?? expireTime
  const end = time instanceof Date ? time.getTime() : Number.NaN
  return Number.isNaN(end) ? undefined : end
}

module.exports = { isProvider, resolveCredentials, takeCredentials }
