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
