const { namesCustomerKey, namesSourceKey, sourceFields, withFields } = require('./fields.js')
const { CONTINUES, COPIES, CREATES, READS } = require('./operations.js')
const { addHint, statusOf } = require('./refusal.js')
const { Uploads } = require('./uploads.js')

/**
 * Calls of an SDK, each from its input to its verified output. `resolve(input, operation)` chooses an encryption;
 * `send(input)` sends the call and resolves to `{ output }`.
 */
class Sealing {
  #resolve
  #isCustomerKey
  #uploads = new Uploads()

  constructor({ resolve, isCustomerKey }) {
    this.#resolve = resolve
    this.#isCustomerKey = isCustomerKey
  }

  concerns(operation) {
    if (READS.has(operation)) return this.#isCustomerKey
    return CREATES.has(operation) || CONTINUES.has(operation) || operation === 'AbortMultipartUpload'
  }

  /** `confirm(output, input, seal)` may ask elsewhere what the output does not say. */
  run(operation, input, send, confirm = (output) => output) {
    if (CREATES.has(operation)) return this.#create(operation, input, send, confirm)
    if (CONTINUES.has(operation)) return this.#continue(operation, input, send, confirm)
    return READS.has(operation) ? this.#read(READS.get(operation), input, send) : this.#abort(input, send)
  }

  async #create(operation, input, send, confirm) {
    const seal = await this.#resolve(input, operation)
    const result = await this.#write(operation, withFields(input, seal.params(operation)), { seal, send, confirm })
    if (operation === 'CreateMultipartUpload') this.#uploads.add(result.output?.UploadId, seal, result.output)
    return result
  }

  async #continue(operation, input, send, confirm) {
    const isLast = operation === 'CompleteMultipartUpload'
    const given = namesCustomerKey(input)
    const known = given ? undefined : this.#uploads.sealOf(input.UploadId)
    // Parts of an upload that was created elsewhere have nothing to say, but for SSE-C.
    if (!known && !isLast && !this.#isCustomerKey && !given) return send(input)
    const seal = known ?? (await this.#resolve(input, operation))
    const result = await this.#write(operation, withFields(input, seal.params(operation)), { seal, send, confirm })
    if (isLast) this.#uploads.delete(input.UploadId)
    return result
  }

  async #read(operation, input, send) {
    if (namesCustomerKey(input)) return send(input)
    const seal = await this.#resolve(input, operation)
    const ours = () => send(withFields(input, seal.params(operation)))
    return orElse(ours, () => send(input))
  }

  async #abort(input, send) {
    const result = await send(input)
    this.#uploads.delete(input.UploadId)
    return result
  }

  async #write(operation, input, { seal, send, confirm }) {
    const source = COPIES.has(operation) && !namesSourceKey(input) ? sourceFields(seal.params('GetObject')) : {}
    const plainly = () => send(input)
    const sending = Object.keys(source).length > 0 ? orElse(() => send({ ...input, ...source }), plainly) : plainly()
    let result
    try {
      result = await sending
    } catch (error) {
      await addHint(error, seal)
      throw error
    }
    // A presigned URL is no reply.
    if ('presigned' in Object(result.output)) return result
    const shown = this.#uploads.complete(input.UploadId, result.output)
    seal.verify(await confirm(shown, input, seal), operation)
    return result
  }
}

/**
 * Reading with our customer key, and without it where S3 answers that the object has none: one that
 * was stored before the setting. If neither succeeds, the first error counts.
 */
async function orElse(first, second) {
  try {
    return await first()
  } catch (error) {
    if (statusOf(error) !== 400) throw error
    return second().catch(() => {
      throw error
    })
  }
}

module.exports = { Sealing }
