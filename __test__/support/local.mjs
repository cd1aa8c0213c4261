// The real S3 server, from the project's own cache.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const { startLocalS3 } = require('../../testing/index.js')

export const cache = process.env.STATESEAL_CACHE ?? fileURLToPath(new URL('../../.cache', import.meta.url))

/** Installs what is missing: running the tests is the consent. */
export function startLocal(options) {
  return startLocalS3({ install: true, cache, ...options })
}

/** A policy that denies puts into the bucket unless the header has one of these values; by default any algorithm. */
export function denyPlain(bucket, condition = { 's3:x-amz-server-side-encryption': ['AES256', 'aws:kms'] }) {
  return {
    Version: '2012-10-17',
    Statement: {
      Sid: 'DenyPlain',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${bucket}/*`,
      Condition: { StringNotEquals: condition },
    },
  }
}
