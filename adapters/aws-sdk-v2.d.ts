import type { EncryptionConfig } from './aws-sdk.js'

/** An `AWS.S3` of AWS SDK v2. */
export interface S3OfSdkV2 {
  customizeRequests(callback: ((request: never) => void) | null): void
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own overloads
  upload(...args: any[]): unknown
}

/**
 * `withEncryption` of `stateseal/aws-sdk` for an `AWS.S3` of SDK v2, with its callbacks, promises and
 * `upload`. The customer key reaches S3 as it is: SDK v2 itself would encode it a second time. It sends
 * it over https only.
 *
 * Not reached: `getSignedUrl` and `createPresignedPost`, which cannot wait for the bucket's answer (add
 * `encryptionParams(…)` to their parameters), and a `new AWS.S3.ManagedUpload({ service })` of your own,
 * which makes a client for itself: use `s3.upload`.
 *
 * Called again, the later settings replace the earlier ones.
 *
 * @throws StatesealError for an instance or setting that is wrong.
 * @example
 * const s3 = withEncryption(new AWS.S3({ region: 'eu-west-1' }), { encryption: 'aws:kms' })
 */
export declare function withEncryption<S3 extends S3OfSdkV2>(s3: S3, config?: EncryptionConfig): S3
