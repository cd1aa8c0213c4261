const { explainUpload, uploadState } = require('../../index.js')
const { describe, onOff } = require('../encryption-text.js')
const { UsageError } = require('../failure.js')
const { OBJECT } = require('../options.js')
const { print } = require('../output.js')
const { progressBar } = require('../progress-bar.js')
const { standardInput } = require('../standard-input.js')
const { untilStopped } = require('../stop.js')
const { clean, table } = require('../style.js')
const { readTarget } = require('../target.js')

/** `stateseal put` */
module.exports.execute = async function execute({ values, positionals, settings }) {
  const [file, target] = positionals
  if (!file) {
    throw new UsageError('No file is named', { hint: 'Give a file, or - for standard input' })
  }
  const isStdin = file === '-'
  const { bucket, config } = settings
  const input = {
    ...readTarget(target, { bucket, key: values.key, file: isStdin ? undefined : file }),
    Body: isStdin ? standardInput() : { path: file },
    ...fields(values, file),
  }
  if (values['dry-run']) return print(values, await explainUpload(input, config), showRequest)
  const result = await untilStopped((abortSignal) => upload(input, { ...config, abortSignal }, values))
  return print(values, withoutSecrets(result), showResult)
}

function fields(values, file) {
  const given = OBJECT.filter((option) => values[option.flag] !== undefined)
  const input = Object.fromEntries(given.map((option) => [option.field, values[option.flag]]))
  if (file.endsWith('.json')) input.ContentType ??= 'application/json'
  return input
}

async function upload(input, config, values) {
  if (!(values.progress ?? process.stderr.isTTY)) return await uploadState(input, config)
  const bar = progressBar()
  try {
    return await uploadState(input, { ...config, onProgress: bar.show })
  } finally {
    bar.end()
  }
}

/** The reply's own fields hold the MD5 of an SSE-C key and the values of an encryption context. */
function withoutSecrets({ SSECustomerKeyMD5, SSEKMSEncryptionContext, ...shown }) {
  return shown
}

function showResult(result, colour) {
  const { Bucket, Key, ETag, VersionId, encryption, $metadata } = result
  const { reported, compared } = encryption
  const title = `${colour('green', '✔')} ${colour('bold', clean(`s3://${Bucket}/${Key}`))}\n`
  const rows = [
    ['encryption', describe(encryption)],
    ['key', reported.SSEKMSKeyId],
    ['bucket key', onOff(reported.BucketKeyEnabled)],
    ['verified', verified(compared)],
    ['etag', ETag],
    ['version', VersionId],
    ['request id', $metadata.requestId],
  ]
  return title + table(rows, colour)
}

function verified({ algorithm, key }) {
  if (algorithm === 'not-asked') return 'nothing was asked of S3'
  return key === 'not-comparable' ? "by S3's reply, but for the key, which was given as an alias" : "by S3's reply"
}

function showRequest(told, colour) {
  const { operation, method, url, headers, region, encryption, contentLength, multipart } = told
  const title = `${colour('bold', clean(`${method} ${url}`))}\n`
  const rows = [
    ['operation', `${operation}, not sent`],
    ['region', region],
    ['encryption', describe(encryption)],
    ['key', encryption.requested.SSEKMSKeyId],
    ['bucket key', onOff(encryption.requested.BucketKeyEnabled)],
    ['bytes', contentLength],
    ['part size', multipart?.partSize],
  ]
  return `${title}${table(rows, colour)}\n${table(Object.entries(headers), colour)}`
}
