const { fileBehind, takeBody } = require('./body.js')
const { complete, readConfig, readOptions } = require('./config.js')
const { copyArgument } = require('./copy.js')
const { resolveCredentials } = require('./credentials.js')
const { toError, unwrap } = require('./errors.js')
const { openGateway } = require('./gateway.js')
const { argumentNames } = require('./names.js')
const { watchProgress } = require('./progress.js')
const { feed } = require('./stream.js')
const { warn } = require('./warnings.js')

/**
 * Puts state into S3, encrypted, and resolves when S3's reply has proved it. Rejects, and never
 * throws, on every error.
 */
async function uploadState(params, config = {}) {
  const job = readJob(params, [config, 'config'])
  const given = readConfig(config)
  if (given.waiting.length > 0) {
    keepBytes(job.body)
    await complete(given)
  }
  return run(openGateway(given), given.credentials, job)
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
    if (!this.#given) throw new Error('The StateUploader was destroyed')
    const { credentials } = this.#given
    if (!this.#gateway) {
      keepBytes(job.body)
      // As an S3Client does: functions of the configuration are called once, unless they fail.
      this.#ready ??= complete(this.#given).then(() => openGateway(this.#given))
      this.#gateway = await this.#ready.finally(() => {
        this.#ready = undefined
      })
    }
    return run(this.#gateway, credentials, job)
  }

  /** Lets go of connections and credentials. Uploads under way go on to their end. */
  destroy() {
    this.#given = undefined
    this.#gateway = undefined
  }
}

/** All of an upload's arguments, taken at once. */
function readJob(params, ...places) {
  const input = copyArgument(params, 'params', argumentNames().input)
  return { input, body: takeBody(params), ...readOptions(...places) }
}

/** The addon copies the bytes when it is called; what the caller changes until then must not count. */
function keepBytes(body) {
  if (ArrayBuffer.isView(body.bytes)) body.bytes = body.bytes.slice()
}

async function run(gateway, credentials, { input, body, options, onProgress, signal }) {
  const file = body.stream ? await fileBehind(body.stream) : body.file
  const stream = file ? undefined : body.stream
  if (body.length !== undefined) input.ContentLength ??= body.length
  const prepared = gateway.prepare(input, file ?? body.bytes, body.isJson === true, options)
  if (prepared.error) throw toError(prepared.error)
  const signer = await resolveCredentials(credentials)
  const stop = stopOn(signal, prepared)
  const progress = watchProgress(prepared, onProgress, input)
  let outcome
  try {
    const sending = prepared.send(signer)
    outcome = await (stream ? feed(prepared, stream, sending) : sending)
  } finally {
    stop()
    progress.stop(outcome?.value !== undefined)
  }
  if (outcome.error?.properties.name === 'AbortError') throw toError(outcome.error, signal?.reason)
  const { result, warning } = unwrap(outcome)
  if (warning) warn(warning)
  return result
}

/** Stops the upload when `signal` says so, until the function that it returns is called. */
function stopOn(signal, prepared) {
  if (!signal) return () => {}
  const cancel = () => prepared.cancel()
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel)
  return () => signal.removeEventListener('abort', cancel)
}

module.exports = { StateUploader, uploadState }
