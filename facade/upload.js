const { argumentNames, ask } = require('./addon.js')
const { fileBehind, takeBody } = require('./body.js')
const { complete, readConfig, readOptions } = require('./config.js')
const { copyArgument, isJson } = require('./copy.js')
const { isProvider, resolveCredentials, takeCredentials } = require('./credentials.js')
const { toError, unwrap } = require('./errors.js')
const { openGateway } = require('./gateway.js')

/**
 * Puts state into S3, encrypted, and resolves when S3's reply has proved it. Rejects, and never
 * throws, on every error.
 */
function uploadState(params, config = {}) {
  return opened(params, config, run)
}

/** The request that `uploadState` would send first, signed and with its secrets redacted. */
function explainUpload(params, config = {}) {
  return opened(params, config, async (job) => {
    const { prepared, signer, stream } = await signable(job)
    return unwrap(await carry(job, prepared, stream, () => prepared.explain(signer)))
  })
}

/** The put that `uploadState` would send, signed, for hosts that must send it themselves. */
function signState(params, config = {}) {
  return opened(params, config, async (job) => {
    const { prepared, signer, stream } = await signable(job)
    const signing = async () => {
      const { outcome, body } = await prepared.sign(signer)
      return { ...outcome, body }
    }
    const outcome = await carry(job, prepared, stream, signing)
    return { ...unwrap(outcome), body: outcome.body }
  })
}

/** The encryption that `uploadState` would ask for, for a put that the host sends itself. */
async function resolveEncryption(params, config = {}) {
  const { prepared, credentials } = await prepareNothing(params, config)
  const chosen = await prepared.seal(await resolveCredentials(credentials))
  if (chosen.error) throw toError(chosen.error)
  const warning = chosen.warning()
  if (warning) require('./warnings.js').warn(warning)
  const { ResolvedEncryption } = require('./seal.js')
  return new ResolvedEncryption(chosen)
}

/** The policy of the bucket as JSON, or null where it has none. */
async function readBucketPolicy(params, config = {}) {
  const { prepared, credentials } = await prepareNothing(params, config)
  return unwrap(await prepared.bucketPolicy(await resolveCredentials(credentials)))
}

/** An upload without a body, for its bucket's sake. */
async function prepareNothing(params, config) {
  const input = copyArgument(params, 'params', argumentNames().input)
  const given = readConfig(config)
  const { options } = readOptions([config, 'config'])
  const credentials = takeCredentials(given.credentials)
  const gateway = openGateway(await complete(given))
  const { prepared } = await prepare({ gateway, input, body: { bytes: '' }, options })
  return { prepared, credentials }
}

/**
 * Calls `use` with the job and the gateway of its own configuration: at once, unless the configuration
 * has functions. Until `prepare` the caller's bytes are not safe from changes.
 */
async function opened(params, config, use) {
  const given = readConfig(config)
  const job = readJob(params, [config, 'config'])
  try {
    job.credentials = takeCredentials(given.credentials)
    let all = given
    if (given.waiting.length > 0) {
      keepBytes(job.body)
      all = await require('./abort.js').orAbortError(job.signal, complete(given))
    }
    job.gateway = openGateway(all)
    return await use(job)
  } catch (error) {
    throw released(job.body, error)
  }
}

/** The error of an upload that failed. Nobody reads its body any more: if it is a stream, that is closed. */
function released(body, error) {
  if (body.stream) require('./stream.js').release(body.stream)
  return error
}

/** An uploader for many states with one configuration. */
class StateUploader {
  #config
  #given
  #ready
  #gateway

  constructor(config = {}) {
    this.#config = config
    this.#given = readConfig(config)
    readOptions([config, 'config'])
    if (this.#given.waiting.length === 0) this.#gateway = openGateway(this.#given)
  }

  async upload(params, options = {}) {
    const job = readJob(params, [options, 'options'], [this.#config, 'config'])
    try {
      const given = this.#given
      if (!given) throw new Error('The StateUploader was destroyed')
      job.credentials = takeCredentials(given.credentials)
      job.gateway = this.#gateway
      if (!job.gateway) {
        keepBytes(job.body)
        // As an S3Client does: functions of the configuration are called once, unless they fail.
        this.#ready ??= this.#open(given)
        job.gateway = await require('./abort.js').orAbortError(job.signal, this.#ready)
      }
      return await run(job)
    } catch (error) {
      throw released(job.body, error)
    }
  }

  async #open(given) {
    try {
      const gateway = openGateway(await complete(given))
      if (this.#given) this.#gateway = gateway
      return gateway
    } finally {
      this.#ready = undefined
    }
  }

  /** Lets go of connections and credentials. Uploads under way go on to their end. */
  destroy() {
    this.#given = undefined
    this.#gateway = undefined
  }
}

/** An upload's arguments but for the configuration, taken at once. */
function readJob(params, ...places) {
  const input = copyArgument(params, 'params', argumentNames().input)
  // The body last: a getter of the others may take its memory away.
  return { input, ...readOptions(...places), body: takeBody(params) }
}

/** The addon copies the bytes when it is called; what the caller changes until then must not count. */
function keepBytes(body) {
  if (ArrayBuffer.isView(body.bytes)) body.bytes = body.bytes.slice()
}

async function prepare({ gateway, input, body, options, signal }) {
  const file = body.stream ? await fileBehind(body.stream, signal) : body.file
  const prepared = gateway.prepare(input, file ?? body.bytes ?? body.length, body.isJson === true, options)
  if (prepared.error) throw toError(prepared.error)
  const lent = body.lent && require('./lent.js').pieces(body.lent, prepared.pieceLength())
  return { prepared, stream: file ? undefined : (lent ?? body.stream) }
}

/** Prepared, and who signs it: nobody where it was stopped meanwhile, for then it asks for none. */
async function signable(job) {
  const { prepared, stream } = await prepare(job)
  const signer = await require('./abort.js').unlessAborted(job.signal, resolveCredentials(job.credentials))
  return { prepared, signer, stream }
}

async function run(job) {
  const { result, warning } = unwrap(await (sendAtOnce(job) ?? send(job)))
  if (warning) require('./warnings.js').warn(warning)
  return result
}

/**
 * Checks and sends in one call, where all is there, is plain data, and is neither watched nor
 * stopped: most uploads. Nothing where that is not so.
 */
function sendAtOnce({ gateway, credentials, input, body, options, audit, onProgress, signal }) {
  if (body.stream || body.lent || onProgress || signal || isProvider(credentials)) return undefined
  const args = [input, options, credentials ?? null]
  if (!isJson(args)) return undefined
  const text = JSON.stringify(args)
  const put = (line, id) => gateway.put(text, body.file ?? body.bytes, body.isJson === true, line, id)
  return audit ? told(ask(put), audit) : ask(put)
}

async function send(job) {
  const { prepared, signer, stream } = await signable(job)
  const { audit, onProgress } = job
  const progress = onProgress && require('./progress.js').watchProgress(prepared, onProgress, job.input)
  const renewal = signer?.expiration
    ? require('./renewal.js').keepFresh(job.credentials, signer, (fresh) => prepared.renew(fresh))
    : undefined
  let outcome
  try {
    const start = () =>
      told(
        ask((line, id) => prepared.send(signer, line, id)),
        audit,
      )
    outcome = await carry(job, prepared, stream, start)
  } finally {
    renewal?.stop()
    progress?.stop(outcome?.value !== undefined)
  }
  return outcome
}

/** The outcome, when its record is in the sink. */
async function told(outcome, audit) {
  const done = await outcome
  if (audit) await require('./audit.js').tellAudit(audit, done.record)
  return done
}

/** Starts a prepared upload, feeds it its stream, and stops it when the caller says so: its outcome. */
async function carry({ body, signal }, prepared, stream, start) {
  // Closed by who reads it.
  body.stream = undefined
  const forget = require('./abort.js').onAbort(signal, () => prepared.cancel())
  try {
    const outcome = await (stream ? require('./stream.js').feed(prepared, stream, start()) : start())
    if (outcome.error?.properties.name === 'AbortError') throw toError(outcome.error, signal?.reason)
    return outcome
  } finally {
    forget()
  }
}

module.exports = { StateUploader, explainUpload, readBucketPolicy, resolveEncryption, signState, uploadState }
