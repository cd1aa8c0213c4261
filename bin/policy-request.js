const { readFile } = require('node:fs/promises')
const { readBucketPolicy, resolveEncryption } = require('../facade/upload.js')
const { UsageError } = require('./failure.js')
const { standardInput } = require('./standard-input.js')
const { readTarget } = require('./target.js')

// What a policy says of one key it mostly says of all.
const ANY_KEY = 'state.json'

/** Operations that say how an object is to be encrypted. */
const CREATING = ['PutObject', 'CreateMultipartUpload', 'CopyObject']

/**
 * The policy and the request that a command line is about: `{ policy, request, report }`. `policy` is
 * null where the bucket has none. `report` says what an upload would ask for, where the bucket was
 * asked.
 */
async function readRequest({ values, positionals, settings }) {
  const { file, target } = operands(positionals)
  const place = { bucket: settings.bucket, key: values.key, optional: true }
  const { Bucket, Key = ANY_KEY } = readTarget(target, place)
  const { encryption, stage } = settings.config
  const request = { operation: values.operation, bucket: Bucket, key: Key, headers: values.header, encryption, stage }
  request.context = values.context
  if (file !== undefined) return { policy: await readPolicy(file), request }
  const policy = await readBucketPolicy({ Bucket, Key }, settings.config)
  return { policy, request, ...(await mirrored(request, settings.config)) }
}

/** One word is the policy, unless it looks like the object. */
function operands([first, second]) {
  if (second === undefined && first?.startsWith('s3://')) return { target: first }
  if (second !== undefined && !second.startsWith('s3://')) {
    throw new UsageError('The second word is not the object', { hint: 'Give s3://bucket/key behind the policy' })
  }
  return { file: first, target: second }
}

async function readPolicy(file) {
  if (file === '-') return Buffer.concat(await standardInput().toArray())
  try {
    return await readFile(file)
  } catch (cause) {
    throw new UsageError(`The policy cannot be read: ${cause.message}`, { cause })
  }
}

/** The request with the headers that an upload would send, where nothing else was said of them. */
async function mirrored(request, config) {
  const { operation = 'PutObject', bucket, key, headers, encryption } = request
  if (encryption !== undefined || headers !== undefined || !CREATING.includes(operation)) return {}
  const resolved = await resolveEncryption({ Bucket: bucket, Key: key }, config)
  return { request: { ...request, headers: resolved.headers(operation) }, report: resolved.report }
}

module.exports = { readRequest }
