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
  /** ARN of the object, in place of `bucket` and `key`; it also tells the partition. */
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
