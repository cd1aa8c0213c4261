/**
 * stateseal: deployment state into S3, encrypted, and proven so by S3's reply.
 *
 * The first argument of {@link uploadState} is the AWS SDK's `PutObjectCommandInput`, the second a
 * subset of its `S3ClientConfig`; only `encryption`, `stage` and `allowInsecureLoopback` are ours.
 * These types need neither the SDK's types nor Node's.
 */

import type { AuditSink } from './types/audit.js'

export * from './types/audit.js'
export * from './types/check.js'
export * from './types/policy.js'

/** A `URL`, in words that need neither the types of Node nor those of the web. */
export interface UrlObject {
  readonly href: string
  readonly protocol: string
  readonly hostname: string
}

/** A stream of Node (`Readable`) or of the web (`ReadableStream`) that nobody has read yet. */
export type StateStream = AsyncIterable<unknown> | { getReader(): unknown }

/**
 * What can be stored: text (as UTF-8), bytes, a Blob, a stream (read to its end first), or the path
 * of a file. What it holds at the time of the call is what is stored; only bytes above 5 MiB are
 * copied piece by piece, as they are sent: do not change them until the upload has ended.
 */
export type StateBody =
  | string
  | ArrayBufferView
  | ArrayBuffer
  | SharedArrayBuffer
  | { arrayBuffer(): Promise<ArrayBuffer>; stream(): unknown; readonly size: number }
  | StateStream
  | { path: string | UrlObject }

type Open<Known extends string> = Known | (string & {})

/** Fields of the AWS SDK's `PutObjectCommandInput`, but for its `Body`. */
export interface PutObjectFields {
  /** Canned ACL, sent as `x-amz-acl`. */
  ACL?: Open<
    | 'private'
    | 'public-read'
    | 'public-read-write'
    | 'authenticated-read'
    | 'aws-exec-read'
    | 'bucket-owner-read'
    | 'bucket-owner-full-control'
  >
  /** Name or ARN of the bucket. */
  Bucket: string | undefined
  /** Key of the object: 1 to 1024 bytes of UTF-8. */
  Key: string | undefined
  CacheControl?: string
  ContentDisposition?: string
  ContentEncoding?: string
  ContentLanguage?: string
  /** Bytes of the body. Computed; a value that differs is an error. */
  ContentLength?: number
  /** MD5 of the body, as base64. S3 refuses another body. */
  ContentMD5?: string
  /** Default: `application/json` for {@link StateInput.State}, else `application/octet-stream`. */
  ContentType?: string
  /** Checksum to compute and send. Default: `CRC32`, as in the SDK. */
  ChecksumAlgorithm?: Open<'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256'>
  ChecksumCRC32?: string
  ChecksumCRC32C?: string
  ChecksumCRC64NVME?: string
  ChecksumSHA1?: string
  ChecksumSHA256?: string
  ChecksumSHA512?: string
  ChecksumMD5?: string
  ChecksumXXHASH64?: string
  ChecksumXXHASH3?: string
  ChecksumXXHASH128?: string
  Expires?: Date
  /** Put only over an object with this ETag. */
  IfMatch?: string
  /** `'*'`: put only where there is no object. */
  IfNoneMatch?: string
  GrantFullControl?: string
  GrantRead?: string
  GrantReadACP?: string
  GrantWriteACP?: string
  WriteOffsetBytes?: number
  /** Metadata of the object. Values are US-ASCII. */
  Metadata?: Record<string, string>
  StorageClass?: Open<
    | 'STANDARD'
    | 'REDUCED_REDUNDANCY'
    | 'STANDARD_IA'
    | 'ONEZONE_IA'
    | 'INTELLIGENT_TIERING'
    | 'GLACIER'
    | 'DEEP_ARCHIVE'
    | 'OUTPOSTS'
    | 'GLACIER_IR'
    | 'SNOW'
    | 'EXPRESS_ONEZONE'
  >
  WebsiteRedirectLocation?: string
  /** As `serverSideEncryption` of {@link EncryptionSettings}; so the next seven. */
  ServerSideEncryption?: Open<'AES256' | 'aws:kms' | 'aws:kms:dsse'>
  SSEKMSKeyId?: string
  /** Base64 of the context as JSON. */
  SSEKMSEncryptionContext?: string
  BucketKeyEnabled?: boolean
  SSECustomerAlgorithm?: string
  SSECustomerKey?: string | Uint8Array
  SSECustomerKeyMD5?: string
  RequestPayer?: Open<'requester'>
  /** Tags in the form of URL query parameters. */
  Tagging?: string
  ObjectLockMode?: Open<'GOVERNANCE' | 'COMPLIANCE'>
  ObjectLockRetainUntilDate?: Date
  ObjectLockLegalHoldStatus?: Open<'ON' | 'OFF'>
  ObjectLockEventHold?: Open<'ON' | 'OFF'>
  ObjectLockEventHoldDurationDays?: number
  ObjectLockEventHoldDurationYears?: number
  /** Account id of the bucket's owner; S3 refuses with 403 if it is another. */
  ExpectedBucketOwner?: string
}

/** The first argument of {@link uploadState}: the SDK's input, with `State` as a further way to give the body. */
export interface StateInput extends PutObjectFields {
  /** The state. Absent or `''` stores an empty object. */
  Body?: StateBody
  /** A value to store as `JSON.stringify` writes it, instead of `Body`. */
  State?: unknown
}

/**
 * How S3 encrypts the object. A key id without an algorithm, a key id with `AES256`, SSE-C beside
 * anything else and other contradictions are errors before anything is sent.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
export interface EncryptionSettings {
  /**
   * `'AES256'`: keys that S3 manages (SSE-S3). `'aws:kms'`: a KMS key (SSE-KMS). `'aws:kms:dsse'`:
   * two layers with a KMS key (DSSE-KMS). `'bucket-default'`: no header; S3 applies the bucket's default.
   */
  serverSideEncryption?: EncryptionName
  /**
   * KMS key: id, key ARN, `alias/…` or alias ARN. A full key ARN is the safest: an id means a key of
   * the bucket's Region, an alias one of the caller's account. Without it S3 takes the AWS-managed
   * key `aws/s3`, not the bucket's.
   */
  sseKMSKeyId?: string
  /**
   * Encryption context: pairs of strings, or the SDK's base64 JSON. CloudTrail shows it in clear.
   * Names that begin with `aws:` and empty values are refused, as KMS does.
   */
  sseKMSEncryptionContext?: Record<string, string> | string
  /** S3 Bucket Key, for SSE-KMS: far fewer calls to KMS. Default: the bucket's setting. */
  bucketKeyEnabled?: boolean
  /** `'AES256'`, the only algorithm of SSE-C. Default with a key: `'AES256'`. */
  sseCustomerAlgorithm?: 'AES256'
  /** SSE-C: 32 bytes, as base64 or raw. Needs https. Who loses it loses the object. */
  sseCustomerKey?: string | Uint8Array
  /** MD5 of the key, as base64. Always computed; a value that differs is an error. */
  sseCustomerKeyMD5?: string
}

export type EncryptionName = 'AES256' | 'aws:kms' | 'aws:kms:dsse' | 'bucket-default'

/** The spellings in which hosts write these settings; each means the one in its value. */
export interface EncryptionAliases {
  sseAlgorithm?: EncryptionName
  sse?: EncryptionName
  s3Sse?: EncryptionName
  ssetype?: EncryptionName
  kmsKeyID?: string
  kmskeyid?: string
  kms_key_id?: string
  kmsMasterKeyId?: string
  kms_master_key_id?: string
  kmsKeyArn?: string
  encryptionContext?: Record<string, string> | string
  kmsEncryptionContext?: Record<string, string> | string
  bucketKey?: boolean
  /** Serverless Framework: the typo is its API. */
  sseCustomerAlgorithim?: 'AES256'
  ServerSideEncryption?: EncryptionName
  SSEKMSKeyId?: string
  SSEKMSEncryptionContext?: Record<string, string> | string
  BucketKeyEnabled?: boolean
  SSECustomerAlgorithm?: 'AES256'
  SSECustomerKey?: string | Uint8Array
  SSECustomerKeyMD5?: string
  server_side_encryption?: EncryptionName
  bucket_key_enabled?: boolean
  'x-amz-server-side-encryption'?: EncryptionName
  'x-amz-server-side-encryption-aws-kms-key-id'?: string
  'x-amz-server-side-encryption-context'?: Record<string, string> | string
  'x-amz-server-side-encryption-bucket-key-enabled'?: boolean
  'x-amz-server-side-encryption-customer-algorithm'?: 'AES256'
  'x-amz-server-side-encryption-customer-key'?: string | Uint8Array
  'x-amz-server-side-encryption-customer-key-MD5'?: string
}

export type OneEncryption = EncryptionName | (EncryptionSettings & EncryptionAliases)

/** One setting for each stage. A stage replaces `default`; nothing is merged. */
export interface EncryptionStages {
  stages: Record<string, OneEncryption>
  /** For stages that are not listed. Without it they are an error. */
  default?: OneEncryption
}

export type Encryption = OneEncryption | EncryptionStages

export interface StateCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** Credentials, a function that returns them, or a credentials object of SDK v2. */
export type CredentialsSetting =
  | StateCredentials
  | (() => StateCredentials | Promise<StateCredentials>)
  | (StateCredentials & { getPromise(): Promise<unknown> })

type Provided<T> = T | (() => T | Promise<T>)

/** An endpoint as text, URL or the SDK's `Endpoint` object. */
export type EndpointSetting =
  | string
  | UrlObject
  | { protocol: string; hostname: string; port?: number; path: string }
  | { url: UrlObject }

/** Progress of an upload, in the words of lib-storage. */
export interface UploadProgress {
  /** Bytes that S3 has acknowledged. Never falls. */
  loaded: number
  /** Bytes in all; unknown until the end of a stream was seen. */
  total?: number
  /** Number of the part that arrived last. */
  part: number
  Bucket: string
  Key: string
}

/** What may differ from one upload to the next. */
export interface UploadOptions {
  /** How to encrypt. Default: as the bucket's default encryption says, sent as explicit headers. */
  encryption?: Encryption
  /** The stage that is deployed; selects from {@link EncryptionStages}. */
  stage?: string
  /**
   * Bytes of a part, 5 MiB to 5 GiB. A body that is no longer goes in one put. Default: 5 MiB, or
   * what makes 10,000 parts enough.
   */
  partSize?: number
  /** Parts that are sent at once, 1 to 1000. Default: 4. */
  queueSize?: number
  /** Leaves the parts of an upload that failed on the server. Default: `false`. */
  leavePartsOnError?: boolean
  /** Takes the record of the upload. Default: none is made. */
  audit?: AuditSink
  /** Called at most every 50 ms, and at the end of an upload that succeeded. */
  onProgress?: (progress: UploadProgress) => void
  /**
   * Rejects with `AbortError`, whose `cause` is the signal's reason, and removes the parts that were
   * sent. `outcome` of the error is `'unknown'` if a request was under way that writes the object.
   */
  abortSignal?: AbortSignalLike
}

export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A role to assume. */
export interface AssumeRole {
  roleArn: string
  externalId?: string
  /** Default: `stateseal`. */
  sessionName?: string
}

/**
 * The second argument of {@link uploadState}: names and meanings of the SDK's `S3ClientConfig`. What
 * is not set comes from the environment and then from the profile, where the SDK for JavaScript
 * reads it there too.
 */
export interface StateConfig extends UploadOptions {
  /** Default: `AWS_REGION`, then the profile's. `fips-…` and `…-fips` mean `useFipsEndpoint`. */
  region?: Provided<string>
  /**
   * Default: the SDK's chain (environment, profile, SSO, web identity, container, instance metadata).
   * A function is asked again five minutes before its credentials' `expiration`, also by an upload that
   * is under way; what it sends from then on is signed with the answer.
   */
  credentials?: CredentialsSetting
  /** Profile of the shared configuration files. Default: `AWS_PROFILE`. It beats keys in the environment. */
  profile?: string
  /** A role, or a list of roles each of which assumes the next. */
  assumeRole?: AssumeRole | AssumeRole[]
  /** Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, `endpoint_url` of the profile, then AWS. */
  endpoint?: Provided<EndpointSetting>
  /**
   * Where KMS answers, which only {@link checkBucket} asks. Default: `AWS_ENDPOINT_URL_KMS`,
   * `AWS_ENDPOINT_URL`, `endpoint_url` of the profile, then AWS if S3's endpoint is one of AWS.
   */
  kmsEndpoint?: string | UrlObject
  /** Bucket in the path instead of the host name. Default: `false`. */
  forcePathStyle?: boolean
  /** Sends once more to the Region that S3 names. Default: `false`. */
  followRegionRedirects?: boolean
  /** Default: `AWS_USE_FIPS_ENDPOINT`, then `use_fips_endpoint` of the profile. */
  useFipsEndpoint?: Provided<boolean | undefined>
  /** Default: `AWS_USE_DUALSTACK_ENDPOINT`, then `use_dualstack_endpoint` of the profile. */
  useDualstackEndpoint?: Provided<boolean | undefined>
  /** S3 Transfer Acceleration. Default: `false`. */
  useAccelerateEndpoint?: boolean
  /** The Region of a bucket's ARN counts. Default: `AWS_S3_USE_ARN_REGION`, `s3_use_arn_region`, then `true`. */
  useArnRegion?: Provided<boolean | undefined>
  /** `Bucket` is the URL of the bucket. Default: `false`. */
  bucketEndpoint?: boolean
  /** Attempts in all, the first included: 1 to 100. Default: `AWS_MAX_ATTEMPTS`, `max_attempts`, then 3. */
  maxAttempts?: Provided<number>
  /** Default: `AWS_RETRY_MODE`, `retry_mode`, then `standard`. */
  retryMode?: Provided<string>
  /** Milliseconds from the beginning of an attempt to the head of its answer. Default: 0, no limit. */
  requestTimeout?: number
  /** Milliseconds to connect: DNS, TCP, proxy and TLS. Default: 0, no limit. */
  connectionTimeout?: number
  /**
   * URL of an http proxy, with user and password if it wants them; `false` for none. Default:
   * `HTTPS_PROXY`, for http endpoints `HTTP_PROXY`.
   */
  proxy?: string | false
  /** Hosts that are reached directly, with commas between them. Default: `NO_PROXY`. */
  noProxy?: string
  /** Certificates to trust beside Node's own, `NODE_EXTRA_CA_CERTS` and `AWS_CA_BUNDLE`: PEM. */
  ca?: string | Uint8Array | Array<string | Uint8Array>
  /** `WHEN_REQUIRED`: no checksum unless one is asked for. Default: `AWS_REQUEST_CHECKSUM_CALCULATION`, then `WHEN_SUPPORTED`. */
  requestChecksumCalculation?: Provided<'WHEN_SUPPORTED' | 'WHEN_REQUIRED' | undefined>
  /** Default for `ExpectedBucketOwner`. */
  expectedBucketOwner?: string
  /** Part of the user agent, at most 50 characters. Default: `AWS_SDK_UA_APP_ID`, then `sdk_ua_app_id`. */
  userAgentAppId?: Provided<string | undefined>
  /** Allows SSE-C over http to a server on this machine. For tests only. Default: `false`. */
  allowInsecureLoopback?: boolean
}

/** How one part of the request compares with the reply. `not-comparable`: the reply cannot show it (an alias). */
export type Comparison = 'equal' | 'not-comparable' | 'not-asked'

/** What was asked, why, and what S3 said it did. */
export interface EncryptionReport {
  /**
   * Where the setting came from: SSE fields of the input, `encryption.stages`, `encryption`, the
   * bucket's default encryption, or `fallback`: the default could not be read and AES256 was sent.
   */
  source: 'input' | 'stage' | 'config' | 'bucket' | 'fallback'
  /** With source `stage`: its name. */
  stage?: string
  requested: {
    ServerSideEncryption?: string
    SSEKMSKeyId?: string
    BucketKeyEnabled?: boolean
    SSECustomerAlgorithm?: string
    /** Names of the encryption context; its values are not shown. */
    contextNames?: string[]
  }
  reported: {
    ServerSideEncryption?: string
    SSEKMSKeyId?: string
    BucketKeyEnabled?: boolean
    SSECustomerAlgorithm?: string
  }
  compared: { algorithm: Comparison; key: Comparison; bucketKey: Comparison; context: Comparison }
}

export interface ResponseMetadata {
  httpStatusCode?: number
  requestId?: string
  extendedRequestId?: string
  cfId?: string
  /** Requests that were sent, the first included. */
  attempts?: number
  /** Milliseconds spent waiting between them. */
  totalRetryDelay?: number
}

/** The SDK's `PutObjectCommandOutput`, what lib-storage's `Upload` adds, and {@link EncryptionReport}. */
export interface StateOutput {
  $metadata: ResponseMetadata
  Bucket: string
  Key: string
  /** URL of the object. */
  Location?: string
  encryption: EncryptionReport
  Expiration?: string
  /** With its quotes. Not the MD5 of the content under SSE-KMS and SSE-C. */
  ETag?: string
  ChecksumCRC32?: string
  ChecksumCRC32C?: string
  ChecksumCRC64NVME?: string
  ChecksumSHA1?: string
  ChecksumSHA256?: string
  ChecksumSHA512?: string
  ChecksumMD5?: string
  ChecksumXXHASH64?: string
  ChecksumXXHASH3?: string
  ChecksumXXHASH128?: string
  ChecksumType?: 'COMPOSITE' | 'FULL_OBJECT'
  ServerSideEncryption?: 'AES256' | 'aws:fsx' | 'aws:kms' | 'aws:kms:dsse'
  VersionId?: string
  SSECustomerAlgorithm?: string
  SSECustomerKeyMD5?: string
  SSEKMSKeyId?: string
  SSEKMSEncryptionContext?: string
  BucketKeyEnabled?: boolean
  Size?: number
  RequestCharged?: 'requester'
}

/** What every error of stateseal carries, S3's own included. */
export interface StatesealErrorProperties {
  /** AWS's code (`AccessDenied`, `NoSuchBucket`, …), or one of ours: see {@link StatesealError}. */
  name: string
  message: string
  /** The name, or Node's code of a network error (`ECONNREFUSED`). */
  code: string
  /** One sentence that says what to change. */
  hint?: string
  /** The argument at fault: `encryption.sseKMSKeyId`. */
  setting?: string
  retryable: boolean
  $metadata?: ResponseMetadata
  /** Errors of S3 only. */
  $fault?: 'client' | 'server'
  /** Errors of S3 only: its code. */
  Code?: string
  $retryable?: { throttling?: boolean }
  statusCode?: number
  requestId?: string
}

/**
 * An error that stateseal found itself. Names: `MissingRequiredParameter`, `InvalidParameterType` (a
 * `TypeError`), `InvalidParameterValue`, `InvalidBucketName`, `EncryptionConflict`: nothing was sent.
 * `EncryptionNotApplied`: the object was written, and S3's reply does not show the encryption that
 * was asked for; it carries `ETag` and `VersionId`. `HostNotFound`: an adapter was loaded where its
 * framework is not. `AddonNotLoaded`: the native addon of this platform is missing or refused; `cause`
 * and `code` are Node's. Else a network, credentials or client error.
 *
 * Errors of S3 are `instanceof S3ServiceException`, and of the class of their code, of your own SDK.
 */
export declare class StatesealError extends Error implements StatesealErrorProperties {
  code: string
  hint?: string
  setting?: string
  retryable: boolean
  $metadata?: ResponseMetadata
  statusCode?: number
  requestId?: string
  /** With `EncryptionNotApplied`. */
  ETag?: string
  /** With `EncryptionNotApplied`, in a bucket that keeps versions. */
  VersionId?: string
}

/**
 * Puts state into S3 with the right server-side-encryption headers, and resolves when S3's reply has
 * proved that they were applied. It rejects on every error and never throws.
 *
 * Without `encryption` and SSE fields it mirrors the bucket: it reads the bucket's default encryption
 * (`s3:GetEncryptionConfiguration`; remembered for five minutes) and asks for just that. Where it may
 * not read it, it asks for `AES256` and warns once (`STATESEAL_ENCRYPTION_FALLBACK`).
 *
 * @example
 * await uploadState({ Bucket: 'state', Key: 'api/state.json', State: state }, { region: 'eu-west-1' })
 */
export declare function uploadState(params: StateInput, config?: StateConfig): Promise<StateOutput>

/**
 * An uploader for many states with one configuration. (`uploadState` shares connections, credentials
 * and what it knows of buckets between calls with equal configurations, too.) Fifty uploads run at once,
 * as many as the SDK's agent has sockets for; others wait their turn.
 *
 * @throws StatesealError for a configuration that is wrong.
 */
export declare class StateUploader {
  constructor(config?: StateConfig)
  /** As {@link uploadState}; `options` beat the configuration. */
  upload(params: StateInput, options?: UploadOptions): Promise<StateOutput>
  /** Lets go of connections and credentials. Uploads under way go on to their end. */
  destroy(): void
}

/** A request that was not sent. */
export interface ExplainedUpload {
  operation: 'PutObject' | 'CreateMultipartUpload'
  method: string
  url: string
  /** All headers, names in lower case; secrets and the signature are `[redacted]`. */
  headers: Record<string, string>
  region: string
  encryption: Pick<EncryptionReport, 'source' | 'stage' | 'requested'>
  /** Bytes of the body, where they are known. */
  contentLength?: number
  /** With `CreateMultipartUpload`. */
  multipart?: { partSize: number; queueSize: number }
}

/**
 * The request that {@link uploadState} would send first, complete and signed, without sending it. It
 * reads the bucket's default encryption where the upload would.
 */
export declare function explainUpload(params: StateInput, config?: StateConfig): Promise<ExplainedUpload>

export interface SignedState {
  url: string
  method: string
  /** To be sent as they are, `host` included; S3 checks the signature over them. */
  headers: Record<string, string>
  body: Uint8Array
}

/**
 * The one put that stores the state, signed, for hosts that must send it with an HTTP stack of their
 * own (PAC or SOCKS proxies). It is valid for 15 minutes. Hold `x-amz-server-side-encryption…` of the
 * answer against the headers: nobody else verifies it.
 */
export declare function signState(params: StateInput, config?: StateConfig): Promise<SignedState>

/** The operations that carry encryption headers. */
export type EncryptionOperation =
  | 'PutObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'GetObject'
  | 'HeadObject'
  | 'CopyObject'

/** SSE fields of the SDK's PutObject input. */
export interface EncryptionParams {
  ServerSideEncryption?: 'AES256' | 'aws:kms' | 'aws:kms:dsse'
  SSEKMSKeyId?: string
  SSEKMSEncryptionContext?: string
  BucketKeyEnabled?: boolean
  SSECustomerAlgorithm?: string
  SSECustomerKey?: string
  SSECustomerKeyMD5?: string
}

/**
 * The setting as fields of the SDK's input, for frameworks that keep their own put.
 *
 * @param options.operation Default: `PutObject`.
 * @throws StatesealError for a setting that is wrong or missing.
 */
export declare function encryptionParams(
  encryption: Encryption,
  options?: { stage?: string; operation?: EncryptionOperation },
): EncryptionParams

/**
 * The setting as headers of one operation, names in lower case. SSE-KMS and SSE-S3 have headers only
 * where an object is created; SSE-C also on parts, `CompleteMultipartUpload` and reads.
 *
 * @param options.operation Default: `PutObject`.
 * @throws StatesealError for a setting that is wrong or missing.
 */
export declare function encryptionHeaders(
  encryption: Encryption,
  options?: { stage?: string; operation?: EncryptionOperation },
): Record<string, string>

/** What is read of a reply: fields of the SDK's outputs. */
export interface EncryptionReply {
  ServerSideEncryption?: string
  SSEKMSKeyId?: string
  SSEKMSEncryptionContext?: string
  BucketKeyEnabled?: boolean
  SSECustomerAlgorithm?: string
  SSECustomerKeyMD5?: string
  ETag?: string
  VersionId?: string
  $metadata?: ResponseMetadata
}

/** The encryption of one object, chosen as {@link uploadState} would choose it. */
export interface ResolvedEncryption {
  /** What will be asked, and why. */
  readonly report: Pick<EncryptionReport, 'source' | 'stage' | 'requested'>
  /** As fields of the SDK's input. Default: of `PutObject`. */
  params(operation?: EncryptionOperation): EncryptionParams
  /** As headers, names in lower case. Default: of `PutObject`. */
  headers(operation?: EncryptionOperation): Record<string, string>
  /**
   * Holds an SDK's output against what was asked. What the replies of a multipart upload's steps do
   * not show is not missed in them; hold the last one against it too.
   *
   * @throws StatesealError `EncryptionNotApplied`
   */
  verify(output: EncryptionReply, operation?: EncryptionOperation): EncryptionReport
  /**
   * What to change after S3 has refused the put: one sentence, for which the bucket's policy is read
   * where that is permitted. Never rejects for S3's sake.
   */
  explain(error: unknown): Promise<string | undefined>
}

/**
 * The encryption that {@link uploadState} would ask for, for frameworks that send the put themselves:
 * SSE fields of `params`, then the stage, then `encryption`, then the bucket's default.
 *
 * @param params `Bucket`, `Key`, and the put's SSE fields where it has some.
 */
export declare function resolveEncryption(
  params: PutObjectFields,
  config?: Omit<StateConfig, 'onProgress' | 'abortSignal'>,
): Promise<ResolvedEncryption>
