/** The doctor: whether a bucket takes an upload, and whether states are safe in it. */
import type { EncryptionReport, StateConfig } from '../index.js'

/** {@link StateConfig}, and what to check. */
export interface CheckOptions extends Omit<StateConfig, 'onProgress' | 'abortSignal'> {
  /** Name or ARN of the bucket. */
  bucket: string
  /** Key of an object, for policies that look at it. Default: that of an object that does not exist. */
  key?: string
  /**
   * Also puts objects of a few bytes beside `key` (`….stateseal-check-…`), and deletes each version of
   * them again. Default: `false`, nothing is written.
   */
  probe?: boolean
}

/** What is looked at. */
export type CheckId =
  | 'bucket-exists'
  /** Where the bucket is, and which Region is configured. */
  | 'region'
  /** Whether it belongs to `expectedBucketOwner`. */
  | 'owner'
  | 'versioning'
  | 'default-encryption'
  /** Whether it blocks SSE-C. */
  | 'blocked-encryption'
  /** What the bucket's policy says to the upload, with the encryption that `uploadState` would ask for. */
  | 'policy'
  /** Whether plain http is refused. */
  | 'tls'
  | 'public-access-block'
  | 'object-ownership'
  /** State of the KMS key that the upload leads to. */
  | 'kms-key'
  /** With `probe`: whether `IfNoneMatch: '*'` keeps a second put from replacing the first. */
  | 'conditional-writes'
  /** With `probe`: a put as `uploadState` sends it, verified. */
  | 'put-probe'

export interface CheckFinding {
  id: CheckId
  /**
   * `problem`: uploads fail, or states are not safe. `warning`: uploads pass, and something around them
   * could be safer, or cannot be promised. `skipped`: not looked at, or the server does not tell.
   */
  status: 'ok' | 'warning' | 'problem' | 'skipped'
  /** One sentence. */
  message: string
  /** What to change. */
  remedy?: string
  /** The IAM action that the caller lacks: of `skipped`, and of a probe that could not be deleted. */
  permission?: string
}

export interface CheckReport {
  /** There is no `problem`. */
  ok: boolean
  bucket: string
  /** Where the bucket is, as far as the server tells; else the configured Region. */
  region: string
  /** What `uploadState` would ask for; absent where it would ask for nothing, but fail. */
  encryption?: Pick<EncryptionReport, 'source' | 'stage' | 'requested'>
  /** One for each {@link CheckId}, in that order. */
  findings: CheckFinding[]
}

/**
 * Checks a bucket. It only reads, unless `probe` is set; what the caller may not read is `skipped`
 * and names the permission. It follows the bucket to its Region, whatever `followRegionRedirects`
 * says.
 *
 * It rejects only where nothing can be checked: an argument is wrong, there are no credentials or S3
 * does not take them, or nothing answers.
 *
 * @example
 * const { ok, findings } = await checkBucket({ bucket: 'state', key: 'api/state.json', region: 'eu-west-1' })
 */
export declare function checkBucket(options: CheckOptions): Promise<CheckReport>
