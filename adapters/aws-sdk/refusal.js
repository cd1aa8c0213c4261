/** The status that S3 answered with, of an error of SDK v3, of v2, or of Serverless Framework about one of v2. */
function statusOf(error) {
  const { $metadata, statusCode, providerError } = Object(error)
  return $metadata?.httpStatusCode ?? statusCode ?? providerError?.statusCode
}

/** The hint that stateseal's own error would have, if S3 answered and refused. */
async function hintFor(error, seal) {
  if (!(statusOf(error) >= 400)) return undefined
  const { $metadata, name, code, message, requestId } = error.providerError ?? error
  const metadata = $metadata ?? { httpStatusCode: statusOf(error), requestId }
  // Errors of v2 are named by their code; those of v3 have none.
  return seal.explain({ name: code ?? name, message, $metadata: metadata })
}

/** Adds that hint to the error. */
async function addHint(error, seal) {
  if (Object(error).hint !== undefined || !Object.isExtensible(error)) return
  const hint = await hintFor(error, seal)
  if (hint) error.hint = hint
}

module.exports = { addHint, hintFor, statusOf }
