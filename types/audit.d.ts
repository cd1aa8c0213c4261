import type { UrlObject } from '../index.js'

/**
 * The record of one upload that came as far as the network. It holds no state, no SSE-C key nor its
 * MD5, no credentials and no value of an encryption context. What is not known is `null`.
 *
 * The schema's number rises with every change that a reader of old records would notice.
 */
export interface AuditRecord {
  schema: 'stateseal.audit/1'
  /** ISO 8601, in UTC. */
  timeStart: string
  timeEnd: string
  event: 'put'
  /**
   * `stored`: and the reply proves the encryption. `not-applied`: stored, and it does not. `refused`:
   * S3 answered with an error. `failed`: no usable answer. `aborted`: nothing was stored. `unknown`: a
   * request was under way that writes the object.
   */
  outcome: 'stored' | 'not-applied' | 'refused' | 'failed' | 'aborted' | 'unknown'
  tool: { name: 'stateseal'; version: string }
  bucket: string
  key: string
  region: string | null
  partition: string | null
  endpoint: string | null
  expectedBucketOwner: string | null
  request: {
    /** Where the setting came from; `fallback`: the bucket's default could not be read. */
    source: 'input' | 'stage' | 'config' | 'bucket' | 'fallback' | null
    stage: string | null
    sse: string | null
    kmsKey: string | null
    bucketKey: boolean | null
    customerAlgorithm: string | null
    /** Names of the encryption context. */
    contextKeys: string[] | null
    /** SHA-256 of the context as base64: tells whether two uploads had the same. */
    contextSha256: string | null
    checksumAlgorithm: string | null
    /** Bytes of the body, where they are known. */
    size: number | null
    ifMatch: string | null
    ifNoneMatch: string | null
    /** `parts`: those that S3 took. */
    multipart: { uploadId: string; parts: number } | null
  }
  /** Of the last request. */
  response: {
    httpStatusCode: number | null
    requestId: string | null
    extendedRequestId: string | null
    versionId: string | null
    etag: string | null
    sse: string | null
    kmsKeyArn: string | null
    bucketKey: boolean | null
    customerAlgorithm: string | null
    /** `ChecksumCRC32` and its kin. */
    checksums: Record<string, string>
  }
  /** As `compared` of the result's encryption report. */
  verified: {
    algorithm: 'equal' | 'not-comparable' | 'not-asked'
    key: 'equal' | 'not-comparable' | 'not-asked'
    bucketKey: 'equal' | 'not-comparable' | 'not-asked'
    context: 'equal' | 'not-comparable' | 'not-asked'
  } | null
  /** Every request for the object, retries included. */
  attempts: Array<{
    operation: string
    /** Milliseconds. */
    ms: number
    httpStatusCode: number | null
    requestId: string | null
    extendedRequestId: string | null
    /** S3's code, of an answer that refuses. */
    code: string | null
  }>
  error: { name: string; message: string } | null
  /** The fields of S3's data event in CloudTrail, by their names there, that match this upload. */
  cloudTrail: Record<string, string | null>
}

/**
 * Where the record goes: a function, or a file to which a line of JSON is appended in one write (it is
 * created with mode 0600). The upload waits for it. A sink that fails is warned of
 * (`STATESEAL_AUDIT`), and the upload's own outcome stands.
 */
export type AuditSink = ((record: AuditRecord) => void | Promise<void>) | { file: string | UrlObject }
