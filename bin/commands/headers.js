const { resolveEncryption } = require('../../index.js')
const { binding } = require('../../facade/addon.js')
const { unwrap } = require('../../facade/errors.js')
const { UsageError } = require('../failure.js')
const { print } = require('../output.js')
const { clean } = require('../style.js')

// The encryption of a bucket is that of all its keys.
const ANY_KEY = 'state.json'

/** `stateseal headers` */
module.exports.execute = async function execute({ values, settings }) {
  const { config, bucket } = settings
  const { operation } = values
  const headers =
    config.encryption === undefined
      ? (await ofBucket(bucket, config)).headers(operation)
      : unwrap(binding().shownHeaders(config.encryption, config.stage, operation))
  return print(values, headers, show)
}

async function ofBucket(Bucket, config) {
  if (Bucket) return await resolveEncryption({ Bucket, Key: ANY_KEY }, config)
  throw new UsageError('No encryption is set', { hint: 'Give --sse, or --bucket to ask the bucket for its default' })
}

function show(headers, colour) {
  const lines = Object.entries(headers).map(([name, value]) => `${colour('cyan', name)}: ${clean(value)}\n`)
  return lines.length > 0 ? lines.join('') : 'This operation carries no encryption header.\n'
}
