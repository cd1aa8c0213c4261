const ORIGIN = {
  input: 'asked for',
  stage: 'as the stage asks',
  config: 'as asked',
  bucket: "the bucket's default",
  fallback: "the bucket's default could not be read",
}

/** `aws:kms (the bucket's default)` of a report's `requested`, with who asked. */
function describe({ source, stage, requested }) {
  const { ServerSideEncryption, SSECustomerAlgorithm } = requested
  const algorithm =
    ServerSideEncryption ?? (SSECustomerAlgorithm ? `${SSECustomerAlgorithm}, your key (SSE-C)` : 'no header')
  return `${algorithm} (${stage ? `stage ${stage}` : ORIGIN[source]})`
}

/** `on`, `off` or nothing. */
function onOff(flag) {
  return flag === undefined ? undefined : flag ? 'on' : 'off'
}

module.exports = { describe, onOff }
