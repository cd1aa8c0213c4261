/** Whether S3 answered, and refused. */
function isRefusal(error) {
  const { $metadata, statusCode } = Object(error)
  return ($metadata?.httpStatusCode ?? statusCode) >= 400
}

/** Adds to an error of the SDK the hint that stateseal's own would have. */
async function addHint(error, seal) {
  if (error.hint !== undefined || !Object.isExtensible(error)) return
  const hint = await seal.explain(error)
  if (hint) error.hint = hint
}

module.exports = { addHint, isRefusal }
