import type { Encryption } from '../index.js'

/**
 * For `@osls/compose` with remote state (also `@serverless/compose` 1.3). Loading it is all:
 *
 * ```js
 * // serverless-compose.js
 * require('stateseal/compose')
 *
 * module.exports = {
 *   state: { backend: 's3', existingBucket: 'acme-state', encryption: { serverSideEncryption: 'aws:kms' } },
 *   services: { api: { path: 'api' } },
 * }
 * ```
 *
 * Every put of the state goes through `uploadState`, with the credentials, Region, proxy and
 * certificates that compose uses, and every read carries what SSE-C needs. `stage` is the CLI's
 * `--stage`. Errors are compose's own (`CANNOT_UPDATE_S3_REMOTE_STATE`), with the hint in the message;
 * a setting that is wrong is `INVALID_STATE_CONFIGURATION` before anything is sent.
 *
 * Compose prefers `serverless-compose.yml`, `.yaml` and `.json` to `.js`: none of them may lie beside it.
 *
 * @throws `HostNotFound` where no compose is running.
 */
export interface ComposeState {
  backend: 's3'
  existingBucket?: string
  externalBucket?: string
  prefix?: string
  profile?: string
  /**
   * As `encryption` of `uploadState`, one for all stages or one for each. Plain data: compose copies it
   * as JSON, so an SSE-C key is text. Default: the bucket's default encryption, asked for explicitly.
   */
  encryption?: Encryption
}
