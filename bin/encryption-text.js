const { entriesOf } = require('./encryption.js')
const { ENCRYPTION } = require('./options.js')

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

/** The options that set this encryption: `--sse aws:kms --sse-kms-key-id …`, without what is secret. */
function asOptions(encryption, stage) {
  return entriesOf(encryption, stage)
    .entries.map(({ setting, value }) => ({ option: ENCRYPTION.find((one) => one.encryption === setting), value }))
    .filter(({ option }) => option !== undefined)
    .map(({ option, value }) => optionText(option, value))
    .join(' ')
}

function optionText({ flag, type }, value) {
  if (type === 'boolean') return value ? `--${flag}` : `--no-${flag}`
  if (type === 'customer-key') return `--${flag} …`
  if (type !== 'pairs') return `--${flag} ${value}`
  const names = typeof value === 'object' ? Object.keys(value) : ['']
  return names.map((name) => `--${flag} ${name}=…`).join(' ')
}

module.exports = { asOptions, describe, onOff }
