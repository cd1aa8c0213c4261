const { copy, copyArgument } = require('./copy.js')
const { unwrap } = require('./errors.js')

/** What is read of an SDK's output. */
const OUTPUT = [
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'SSEKMSEncryptionContext',
  'BucketKeyEnabled',
  'SSECustomerAlgorithm',
  'SSECustomerKeyMD5',
  'ETag',
  'VersionId',
  '$metadata',
]

/** The encryption of one object, for a put that the host sends itself. */
class ResolvedEncryption {
  #chosen

  constructor(chosen) {
    this.#chosen = chosen
  }

  /** `{ source, stage?, requested }`, as in `result.encryption`. */
  get report() {
    return this.#chosen.report()
  }

  /** As fields of the SDK's input of an operation. */
  params(operation) {
    return unwrap(this.#chosen.params(operation))
  }

  /** As headers of an operation. */
  headers(operation) {
    return unwrap(this.#chosen.headers(operation))
  }

  /** Holds the SDK's output against what was asked: returns the report, or throws `EncryptionNotApplied`. */
  verify(output, operation) {
    return unwrap(this.#chosen.verify(copyArgument(output, 'output', OUTPUT), operation))
  }

  /** The hint for S3's refusal of the put: one sentence, or nothing. */
  async explain(error) {
    const { name, message, $metadata } = Object(error)
    const told = { name: text(name), message: text(message), $metadata: copy($metadata, '$metadata') }
    return (await this.#chosen.explain(told)) ?? undefined
  }
}

function text(value) {
  return typeof value === 'string' ? value : ''
}

module.exports = { ResolvedEncryption }
