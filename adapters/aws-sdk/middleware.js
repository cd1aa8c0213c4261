const { argumentError } = require('../../facade/errors.js')
const { resolveEncryption } = require('../../facade/upload.js')
const { confirmCopy } = require('./confirm.js')
const { namesCustomerKey, namesSourceKey, objectOf, sourceFields, withFields } = require('./fields.js')
const { CONTINUES, COPIES, CREATES, READS } = require('./operations.js')
const { addHint, isRefusal } = require('./refusal.js')
const { checkEncryption, withClientSettings } = require('./settings.js')
const { Uploads } = require('./uploads.js')

/** The client, which from now on encrypts what it writes and verifies S3's replies. */
function withEncryption(client, config = {}) {
  if (typeof client?.middlewareStack?.add !== 'function') {
    const remedy =
      typeof client?.makeRequest === 'function' ? "It is one of SDK v2: use 'stateseal/aws-sdk-v2'" : 'Give an S3Client'
    throw argumentError('InvalidParameterType', 'client', 'is not a client of AWS SDK v3', remedy)
  }
  const { isCustomerKey } = checkEncryption(config)
  const seal = new Sealing((input) => resolveEncryption(objectOf(input), withClientSettings(config, client.config)))
  const middleware = (next, context) => {
    const operation = context.commandName?.replace(/Command$/, '')
    const send = (args) => (input) => next({ ...args, input })
    const confirm = (output, seal) =>
      confirmCopy(output, {
        request: context[REQUEST],
        seal,
        credentials: client.config.credentials,
        send: (request) => client.config.requestHandler.handle(request),
      })
    if (CREATES.has(operation)) return (args) => seal.create(operation, args.input, send(args), confirm)
    if (CONTINUES.has(operation)) return (args) => seal.go(operation, args.input, send(args), isCustomerKey)
    if (READS.has(operation) && isCustomerKey) {
      return (args) => seal.read(READS.get(operation), args.input, send(args))
    }
    if (operation === 'AbortMultipartUpload') return (args) => seal.abort(args.input, send(args))
    return next
  }
  client.middlewareStack.add(middleware, {
    step: 'initialize',
    // Before the SDK's own, which turns the customer key into a header.
    priority: 'high',
    name: 'statesealEncryption',
    tags: ['STATESEAL'],
    override: true,
  })
  client.middlewareStack.add(keepRequest, {
    step: 'finalizeRequest',
    name: 'statesealRequest',
    priority: 'low',
    override: true,
  })
  return client
}

const REQUEST = Symbol('stateseal request')

/** The last of the SDK's steps before the wire: the request is complete and signed. */
function keepRequest(next, context) {
  return (args) => {
    context[REQUEST] = args.request
    return next(args)
  }
}

/** Each kind of operation, from its input to its verified output. */
class Sealing {
  #resolve
  #uploads = new Uploads()

  constructor(resolve) {
    this.#resolve = resolve
  }

  async create(operation, input, send, confirm) {
    const seal = await this.#resolve(input)
    const confirming = operation === 'CopyObject' ? confirm : undefined
    const result = await this.#write(operation, withFields(input, seal.params(operation)), send, seal, confirming)
    if (operation === 'CreateMultipartUpload') this.#uploads.add(result.output?.UploadId, seal, result.output)
    return result
  }

  async go(operation, input, send, isCustomerKey) {
    const isLast = operation === 'CompleteMultipartUpload'
    const given = namesCustomerKey(input)
    const known = given ? undefined : this.#uploads.sealOf(input.UploadId)
    // Parts of an upload that was created elsewhere have nothing to say, but for SSE-C.
    if (!known && !isLast && !isCustomerKey && !given) return send(input)
    const seal = known ?? (await this.#resolve(input))
    const result = await this.#write(operation, withFields(input, seal.params(operation)), send, seal)
    if (isLast) this.#uploads.delete(input.UploadId)
    return result
  }

  async read(operation, input, send) {
    if (namesCustomerKey(input)) return send(input)
    const seal = await this.#resolve(input)
    const ours = () => send(withFields(input, seal.params(operation)))
    return orElse(ours, () => send(input))
  }

  async abort(input, send) {
    const result = await send(input)
    this.#uploads.delete(input.UploadId)
    return result
  }

  async #write(operation, input, send, seal, confirm = (output) => output) {
    const source = COPIES.has(operation) && !namesSourceKey(input) ? sourceFields(seal.params('GetObject')) : {}
    const plainly = () => send(input)
    const sending = Object.keys(source).length > 0 ? orElse(() => send({ ...input, ...source }), plainly) : plainly()
    let result
    try {
      result = await sending
    } catch (error) {
      if (isRefusal(error)) await addHint(error, seal)
      throw error
    }
    // A presigned URL is no reply.
    if ('presigned' in Object(result.output)) return result
    const output = await confirm(this.#uploads.complete(input.UploadId, result.output), seal)
    seal.verify(output, operation)
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
    if (error?.$metadata?.httpStatusCode !== 400) throw error
    return second().catch(() => {
      throw error
    })
  }
}

module.exports = { withEncryption }
