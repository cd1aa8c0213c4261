const { isDeepStrictEqual } = require('node:util')
const { argumentError } = require('../../facade/errors.js')
const { signRequest } = require('../../facade/sign-request.js')
const { resolveEncryption } = require('../../facade/upload.js')
const { told } = require('../hint.js')
const { confirmCopy } = require('./confirm.js')
const { fieldsOfHeaders, namesCustomerKey, sourceHeaders, withHeaders } = require('./fields.js')
const { locate } = require('./location.js')
const { ANSWERS_EARLY, CONTINUES, COPIES, CREATES, READS } = require('./operations.js')
const { isSignedOtherwise, operationOf, signedFor, urlOf, withRequestHeaders } = require('./request.js')
const { discard, isError, outputOf, readText, refusalOf, writeHint } = require('./response.js')
const { checkEncryption } = require('./settings.js')
const { Uploads } = require('./uploads.js')

const SOURCE_KEY = 'x-amz-copy-source-server-side-encryption-customer-key'

/** A request handler that encrypts what passes through it to S3, signs that anew, and verifies the replies. */
function stateHandler(requestHandler, config) {
  const { isCustomerKey } = checkEncryption(config)
  if (!config.credentials) {
    const remedy = 'Give those of the client: requests are signed anew'
    throw argumentError('MissingRequiredParameter', 'config.credentials', 'must be given', remedy)
  }
  return openHandler(requestHandler, () => ({ config, isCustomerKey }))
}

/**
 * The same for hosts of ours. `settings()` returns `{ config, isCustomerKey }`, or nothing as long as
 * requests are to pass as they are. `hintIn: 'message'` writes hints where such hosts read them;
 * `permit(object, seal)` may throw before a put is sent.
 */
function openHandler(requestHandler, settings, host = {}) {
  if (typeof requestHandler?.handle !== 'function') {
    const remedy = "Give the client's requestHandler, such as a new NodeHttpHandler()"
    throw argumentError('InvalidParameterType', 'requestHandler', 'has no method handle', remedy)
  }
  return new StateHandler(requestHandler, settings, host)
}

class StateHandler {
  #inner
  #settings
  #host
  #uploads = new Uploads()

  constructor(inner, settings, host) {
    this.#inner = inner
    this.#settings = settings
    this.#host = host
  }

  get metadata() {
    return this.#inner.metadata
  }

  updateHttpClientConfig(...args) {
    this.#inner.updateHttpClientConfig?.(...args)
  }

  httpHandlerConfigs() {
    return this.#inner.httpHandlerConfigs?.() ?? {}
  }

  destroy() {
    this.#inner.destroy?.()
  }

  async handle(request, options) {
    const scope = signedFor(request)
    const operation = scope?.service === 's3' ? operationOf(request) : undefined
    const pass = () => this.#inner.handle(request, options)
    if (operation === 'AbortMultipartUpload') this.#uploads.delete(request.query.uploadId)
    const current = this.#settings()
    if (current && isSignedOtherwise(request) && CREATES.has(operationOf(request))) throw unrenewable()
    if (!current || !concerns(operation, current)) return pass()
    const { config, isCustomerKey } = current
    const { Bucket, Key, settings } = await locate(request, config)
    if (Key === '') return pass()
    const owner = request.headers['x-amz-expected-bucket-owner']
    const job = {
      operation,
      config,
      isCustomerKey,
      scope,
      request,
      options,
      uploadId: request.query?.uploadId,
      resolve: () =>
        resolveEncryption(
          { Bucket, Key, ...fieldsOfHeaders(request.headers), ...(owner && { ExpectedBucketOwner: owner }) },
          { ...config, region: scope.region, ...settings },
        ),
    }
    if (CREATES.has(operation)) {
      const seal = await job.resolve()
      this.#host.permit?.({ Bucket, Key }, seal)
      return this.#write(job, seal)
    }
    if (CONTINUES.has(operation)) return this.#go(job)
    return this.#read(job)
  }

  async #go(job) {
    const isLast = job.operation === 'CompleteMultipartUpload'
    const given = namesCustomerKey(fieldsOfHeaders(job.request.headers))
    const known = given ? undefined : this.#uploads.sealOf(job.uploadId)
    if (!known && !isLast && !job.isCustomerKey && !given) return this.#inner.handle(job.request, job.options)
    const answer = await this.#write(job, known ?? (await job.resolve()))
    if (isLast && answer.response.statusCode < 300) this.#uploads.delete(job.uploadId)
    return answer
  }

  async #read(job) {
    const { request, options } = job
    const plainly = () => this.#inner.handle(request, options)
    if (namesCustomerKey(fieldsOfHeaders(request.headers))) return plainly()
    const seal = await job.resolve()
    return orElse(() => this.#send(job, seal.headers(READS.get(job.operation))), plainly)
  }

  async #write(job, seal) {
    const { operation, request } = job
    const headers = seal.headers(operation)
    const source =
      COPIES.has(operation) && request.headers[SOURCE_KEY] === undefined ? sourceHeaders(seal.headers('GetObject')) : {}
    const plainly = () => this.#send(job, headers)
    const answer = await (Object.keys(source).length > 0
      ? orElse(() => this.#send(job, { ...headers, ...source }), plainly)
      : plainly())
    await this.#check(job, seal, answer.response)
    return answer
  }

  async #send({ request, options, scope, config }, encryption) {
    const headers = withHeaders(request.headers, encryption)
    if (isDeepStrictEqual(headers, request.headers)) return this.#inner.handle(request, options)
    const signed = await signRequest(
      { method: request.method, url: urlOf(request), headers },
      { region: scope.region, credentials: config.credentials },
    )
    return this.#inner.handle(withRequestHeaders(request, signed), options)
  }

  async #check(job, seal, response) {
    const { operation } = job
    const { statusCode } = response
    if (statusCode >= 300) return this.#explain(seal, response)
    if (ANSWERS_EARLY.has(operation) && isError(await readText(response))) return
    const output = await this.#shown(job, seal, outputOf(response))
    this.#verify(response, () => seal.verify(output, operation))
    if (operation === 'CreateMultipartUpload') {
      const id = /<UploadId>([^<]+)<\/UploadId>/.exec(await readText(response))?.[1]
      this.#uploads.add(id, seal, output)
    }
  }

  /** What this reply shows, and those before it. */
  #shown({ operation, uploadId, request, options, config }, seal, output) {
    if (operation !== 'CopyObject') return this.#uploads.complete(uploadId, output)
    const send = (head) => this.#inner.handle(head, options)
    return confirmCopy(output, { request, seal, credentials: config.credentials, send })
  }

  #verify(response, verify) {
    try {
      verify()
    } catch (error) {
      discard(response)
      if (this.#host.hintIn === 'message') error.message = told(error)
      throw error
    }
  }

  async #explain(seal, response) {
    const xml = await readText(response)
    if (!isError(xml)) return
    const hint = await seal.explain(refusalOf(response, xml))
    if (hint) writeHint(response, xml, hint, this.#host.hintIn)
  }
}

/** Better no put than one of which nobody knows how it is encrypted. */
function unrenewable() {
  return argumentError(
    'InvalidParameterValue',
    'request',
    'has a signature that stateHandler cannot renew: that of a Multi-Region Access Point or of a directory bucket',
    'Use withEncryption on the client, with encryption',
  )
}

function concerns(operation, { isCustomerKey }) {
  return CREATES.has(operation) || CONTINUES.has(operation) || (isCustomerKey && READS.has(operation))
}

/** As in the middleware, by status: the reply without our customer key counts only if it succeeds. */
async function orElse(first, second) {
  const answer = await first()
  if (answer.response.statusCode !== 400) return answer
  const plain = await second()
  const [taken, left] = plain.response.statusCode < 300 ? [plain, answer] : [answer, plain]
  discard(left.response)
  return taken
}

module.exports = { openHandler, stateHandler }
