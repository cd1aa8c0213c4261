const { signRequest } = require('../../facade/sign-request.js')
const { pickFields, withFields } = require('./fields.js')
const { signedFor, urlOf } = require('./request.js')
const { outputOf } = require('./response.js')

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const isSilent = (output) => !output?.ServerSideEncryption && !output?.SSECustomerAlgorithm

/**
 * The output of a write whose reply may say nothing of encryption: then the object itself is asked.
 * `head(input)` sends `HeadObject` with SDK v2.
 */
async function confirmByHead(output, { Bucket, Key }, seal, head) {
  if (!isSilent(output)) return output
  const { VersionId } = Object(output)
  const input = { Bucket, Key, ...(VersionId && { VersionId }) }
  const shown = await head(withFields(input, seal.params('HeadObject'))).catch(() => ({}))
  return { ...pickFields(shown), ...output }
}

/**
 * The output of a copy, which some servers do not let say how the copy is encrypted; then the copy
 * itself is asked, with `HeadObject`.
 *
 * `request` is the copy's, as it was signed.
 */
async function confirmCopy(output, { request, seal, credentials, send }) {
  if (!isSilent(output)) return output
  const scope = request && signedFor(request)
  if (!scope) return output
  const { VersionId } = output
  const head = Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
    method: 'HEAD',
    query: VersionId === undefined ? {} : { versionId: VersionId },
    body: undefined,
  })
  const headers = { host: request.headers.host, 'x-amz-content-sha256': EMPTY, ...seal.headers('HeadObject') }
  head.headers = await signRequest({ method: 'HEAD', url: urlOf(head), headers }, { region: scope.region, credentials })
  const { response } = await send(head)
  return response.statusCode < 300 ? { ...output, ...pickFields(outputOf(response)) } : output
}

module.exports = { confirmByHead, confirmCopy }
