const path = require('node:path')
const { UsageError } = require('./failure.js')

// An ARN of an access point holds slashes itself.
const ARN = /^(arn:[^/]+:accesspoint[:/][^/]+|arn:[^/]+:outpost[:/][^/]+[:/]accesspoint[:/][^/]+)(?:\/(.*))?$/

/**
 * `{ Bucket, Key }` of `s3://bucket/key`, of a key in the bucket of the settings, or of the settings
 * alone. A key that ends in / gets the name of the file. With `optional` there may be none.
 */
function readTarget(target, { bucket, key, file, optional }) {
  const given = target?.startsWith('s3://') ? split(target.slice(5)) : { Bucket: undefined, Key: target }
  if (given.Key && key) throw new UsageError('The target and --key both name a key', { hint: 'Give one of the two' })
  const Bucket = given.Bucket ?? bucket
  if (!Bucket) {
    throw new UsageError('No bucket is named', { hint: 'Give s3://bucket/key, --bucket or bucket in the settings' })
  }
  const Key = given.Key || key || given.Key
  if (optional) return { Bucket, Key: Key || undefined }
  if (Key && !Key.endsWith('/')) return { Bucket, Key }
  const shown = Bucket.startsWith('arn:') ? '…' : Bucket
  if (Key === undefined) {
    const hint = file === undefined ? `Give s3://${shown}/name.json` : `s3://${shown}/ keeps the name of the file`
    throw new UsageError('No key is named', { hint })
  }
  if (file === undefined) {
    throw new UsageError('Standard input has no name to put behind the /', {
      hint: `Give s3://${shown}/${Key}name.json`,
    })
  }
  return { Bucket, Key: `${Key}${path.basename(file)}` }
}

/** As in the AWS CLI, nothing is decoded. */
function split(text) {
  const [, arn, rest] = ARN.exec(text) ?? []
  if (arn) return { Bucket: arn, Key: rest }
  const end = text.indexOf('/')
  return end < 0 ? { Bucket: text, Key: undefined } : { Bucket: text.slice(0, end), Key: text.slice(end + 1) }
}

module.exports = { readTarget }
