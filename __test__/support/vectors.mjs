// The shared vectors: bucket policies, uploads, and the verdicts that others measured or AWS documents.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path =
  process.env.STATESEAL_VECTORS ??
  fileURLToPath(new URL('../../../shared/vectors/policy-vectors.json', import.meta.url))

/** Nothing where the file is not there; `skip` is then the reason for node:test. */
export const vectors = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
export const skip = vectors ? false : `no vectors at ${path}`
