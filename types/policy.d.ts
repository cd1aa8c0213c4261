/** Bucket policies: what a request would meet, and which encryption passes. */
import type { Encryption } from '../index.js'

/** A policy as an object (its `toJSON` counts), or as its JSON in text or bytes. */
export type PolicyDocument = object | string | Uint8Array

/** The operations that a policy can be asked about, or an IAM action such as `s3:PutObjectAcl`. */
export type PolicyOperation =
  | 'PutObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'CopyObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject'
  | 'ListObjectsV2'
  | 'HeadBucket'
  | 'GetBucketEncryption'
  | 'GetBucketPolicy'
  | (string & {})

type Scalar = string | number | boolean | Date

/**
 * What is known of condition keys, names in any case: `{ 'aws:SourceVpce': 'vpce-1' }`. `null`: the
 * request is known not to carry the key. It beats what follows from headers.
 */
export type PolicyContext =
  | Readonly<Record<string, Scalar | readonly Scalar[] | null | undefined>>
  | ReadonlyMap<string, Scalar | readonly Scalar[] | null>

/** A request that is not sent. */
export interface PolicyRequest {
  /** Default: `'PutObject'`. */
  operation?: PolicyOperation
  /** The IAM action, where that is known instead of the operation. */
  action?: string
  /** Name or ARN of the bucket. */
  bucket?: string
  /** Key of the object. */
  key?: string
  /**
   * ARN of the object, in place of `bucket` and `key`; it also tells the partition. With an `action` of
   * another service, such as `kms:Decrypt`, the ARN of its resource.
   */
  resource?: string
  /** Headers as they go on the wire, names in any case. What is not here is not sent. */
  headers?:
    | Readonly<Record<string, string | number | boolean | undefined>>
    | { forEach(callback: (value: string, name: string) => void): void }
  /**
   * Our setting instead of encryption headers; contradicting headers are an error. SSE-C needs no key
   * here: `{ sseCustomerAlgorithm: 'AES256' }`. For `UploadPart`, `UploadPartCopy` and
   * `CompleteMultipartUpload` it is the setting of their `CreateMultipartUpload`. Default: what
   * `headers` say, which without any is no encryption header.
   */
  encryption?: Encryption
  /** Selects from the stages of `encryption`. */
  stage?: string
  /** As the third argument, which beats it. */
  context?: PolicyContext
}

/** `'unknown'`: depends on something that cannot be known offline. */
export type Tri = boolean | 'unknown'

/**
 * `'explicit-deny'`: S3 answers 403. `'allow'`: the policy allows it and nothing in it denies it.
 * `'no-deny'`: the policy does not object; the caller's own policies must allow it. `'unknown'`: a
 * Deny depends on something that cannot be known offline.
 */
export type PolicyVerdict = 'explicit-deny' | 'allow' | 'no-deny' | 'unknown'

export interface ConditionExplanation {
  /** As the policy spells it, with qualifier and `IfExists`. */
  operator: string
  key: string
  values: string[]
  /** What the request has: one value, several, `null` for an absent key, or `'unknown'`. */
  actual: string | string[] | null
  result: Tri
}

export interface StatementExplanation {
  /** Its Sid, or `Statement[1]` (counted from 0) without one. */
  sid: string
  effect: 'Allow' | 'Deny'
  applies: Tri
  conditions: ConditionExplanation[]
  /** Why it applies, does not apply, or may. */
  reason: string
}

export interface PolicyExplanation {
  verdict: PolicyVerdict
  /** The Deny statements that apply. */
  denySids: string[]
  /** The Deny statements that may apply. */
  unknownSids: string[]
  /** Every statement, in the order of the policy. */
  statements: StatementExplanation[]
  /** What to change, or to say in the context. `null` when the request passes or nothing helps. */
  remedy: string | null
}

/**
 * What a bucket policy says to a request: offline, and without guessing. What cannot be known
 * (the network, often the caller) is `'unknown'`, and a known `false` beats it. Where S3's own
 * documentation leaves open what a policy sees (a KMS key that is not sent as a full ARN), the answer
 * is `'unknown'` too, with the remedy that settles it.
 *
 * Taken for granted unless `context` says otherwise: https with TLS 1.3, a signature of version 4 in
 * the headers, a caller that is no AWS service. Who calls (`aws:PrincipalArn`) is not.
 *
 * @throws StatesealError `MalformedPolicy`, with `path` and, for a text, `line` and `column`, for a
 * policy that S3 would not take; or for a request that is wrong.
 * @example
 * const { verdict, denySids, remedy } = explainPolicy(policy, { bucket: 'state', key: 'a.json', encryption: 'AES256' })
 */
export declare function explainPolicy(
  policy: PolicyDocument,
  request: PolicyRequest,
  context?: PolicyContext,
): PolicyExplanation

/** One setting that a policy accepts, proven by evaluating it. */
export interface EncryptionSuggestion {
  /**
   * For `encryption` of an upload, as it stands; but see `keyPattern`, and for SSE-C
   * (`sseCustomerAlgorithm`) add `sseCustomerKey`.
   */
  encryption: Encryption
  /** `'unknown'` only if nothing is accepted for certain: every setting depends on the context. */
  verdict: Exclude<PolicyVerdict, 'explicit-deny'>
  reason: string
  /**
   * The policy describes the KMS key and does not name it: `sseKMSKeyId` is an example, to be replaced
   * by the full ARN of a key that matches this pattern.
   */
  keyPattern?: string
}

/** An array, empty if no setting can pass; then `collision` says why. */
export interface EncryptionSuggestions extends Array<EncryptionSuggestion> {
  collision?: {
    /** Statements that together deny every setting. */
    sids: string[]
    reason: string
    /** What to change other than the encryption, where that is what they deny; else that the policy must. */
    remedy: string | null
  }
}

/**
 * The encryption settings that a policy accepts for a put (or `operation`), the least intrusive first:
 * no header, SSE-S3, SSE-KMS, DSSE-KMS, SSE-C. Encryption in the request itself does not count.
 *
 * @param request.kmsKeyArns Full ARNs of your KMS keys, to be tried beside those that the policy names.
 * @throws as {@link explainPolicy}.
 */
export declare function suggestEncryption(
  policy: PolicyDocument,
  request: PolicyRequest & { kmsKeyArns?: readonly string[] },
  context?: PolicyContext,
): EncryptionSuggestions

/** A policy document, for `JSON.stringify` or a tool that takes objects. */
export interface GeneratedPolicy {
  Version: '2012-10-17'
  Statement: GeneratedStatement[]
}

export interface GeneratedStatement {
  Sid: string
  Effect: 'Allow' | 'Deny'
  Principal?: '*' | { AWS: string | string[] }
  Action: string | string[]
  Resource: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

/**
 * What the generators share. Further names of an upload's input and configuration are ignored, so that
 * both can be spread in: `uploaderPolicy({ ...params, ...config })`.
 */
export interface PolicyPlace {
  /** Name or ARN of a general purpose bucket. */
  bucket?: string
  /** The same, in the SDK's spelling. */
  Bucket?: string
  /** Keys of the objects that are meant; `*` stands for anything. Default: `'*'`. */
  key?: string | readonly string[]
  /** The same, in the SDK's spelling. */
  Key?: string
  /** Instead of `key`: all objects whose keys begin so. */
  prefix?: string
  /** As for an upload. SSE-C needs no key here: `{ sseCustomerAlgorithm: 'AES256' }`. */
  encryption?: Encryption
  /** Selects from the stages of `encryption`: a policy is for one stage, or for `default`. */
  stage?: string
  /** The bucket's Region. It tells the partition (`aws-cn`, `aws-us-gov`, …). Default: the KMS key's. */
  region?: string
}

export interface EnforcementOptions extends PolicyPlace {
  /**
   * `'strict'`: every upload must ask for just this encryption. `'default-friendly'`: an upload may
   * also ask for none, so that the bucket's default encryption applies; set that to the same. Both
   * refuse SSE-C unless it is the encryption. Default: `'strict'`.
   */
  mode?: 'strict' | 'default-friendly'
  /** `true`: https only. `'1.2'`, `'1.3'`: with at least this version of TLS. Default: `true`. */
  tls?: boolean | '1.2' | '1.3'
}

/**
 * A bucket policy that refuses uploads with any other encryption, one Deny statement for each mistake.
 * It allows nothing. TLS is demanded for
 * the whole bucket. A KMS key must be given as a full key ARN: a policy compares keys as text. Without
 * a key `aws:kms` accepts every key.
 *
 * @throws StatesealError for options that are wrong or contradict each other.
 */
export declare function enforcementPolicy(options: EnforcementOptions): GeneratedPolicy

export interface UploaderOptions extends PolicyPlace {
  /** Full ARNs of the KMS keys of the bucket's default encryption, where `encryption` leaves it to that. */
  kmsKeyArns?: readonly string[]
  /** `false`: no body is longer than a part, so nothing has to be removed after a failure. Default: `true`. */
  multipart?: boolean
  /** Lets an upload that was refused read the bucket's policy, to say which statement did it. Default: `true`. */
  explainRefusals?: boolean
  /** Denies puts of these objects with any other encryption, whatever else allows them. Default: `true`. */
  enforce?: boolean
  /** Account of the bucket's owner: restricts the policy to buckets of that account. */
  expectedBucketOwner?: string
  ExpectedBucketOwner?: string
  leavePartsOnError?: boolean
  /** Fields of the put that need further permissions. Only whether they are set counts. */
  IfMatch?: unknown
  IfNoneMatch?: unknown
  ACL?: unknown
  GrantFullControl?: unknown
  GrantRead?: unknown
  GrantReadACP?: unknown
  GrantWriteACP?: unknown
  Tagging?: unknown
  ObjectLockMode?: unknown
  ObjectLockRetainUntilDate?: unknown
  ObjectLockLegalHoldStatus?: unknown
}

/**
 * The IAM policy of the role or user that uploads: what uploads with this configuration really do, and
 * no more. KMS keys are allowed only through S3 (`kms:ViaService`) and only for this bucket
 * (`kms:EncryptionContext:aws:s3:arn`), with `kms:Decrypt`, which multipart uploads need. A key that is
 * not given as a full ARN is looked for in every account.
 *
 * @throws StatesealError for options that are wrong or contradict each other.
 */
export declare function uploaderPolicy(options: UploaderOptions): GeneratedPolicy

export interface KmsKeyOptions extends PolicyPlace {
  /** The account that owns the key. Default: that of the key's ARN in `encryption`. */
  accountId?: string
  /** Who may use the key: ARNs of roles and users, account ids. Default: everyone in the key's account. */
  principals?: string | readonly string[]
}

/**
 * The policy of the KMS key that encrypts a bucket's state. The account may administer the key and not
 * use it; it is used through S3 alone, for this bucket alone. With an S3 Bucket Key
 * (`bucketKeyEnabled`) KMS sees the bucket's ARN in the encryption context, without one each object's;
 * where `encryption` does not say, both are accepted.
 *
 * @throws StatesealError for options that are wrong, contradict each other, or leave Region or account open.
 */
export declare function kmsKeyPolicy(options: KmsKeyOptions): GeneratedPolicy
