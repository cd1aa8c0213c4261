import type { StateConfig } from '../index.js'

/** Settings for puts that somebody else sends; what the client itself has is taken from it. */
export type EncryptionConfig = Omit<
  StateConfig,
  'onProgress' | 'abortSignal' | 'partSize' | 'queueSize' | 'leavePartsOnError'
>

/** A client of AWS SDK v3: an `S3Client` or an `S3`. */
export interface SdkClient {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own middleware types are generic over its commands
  middlewareStack: { add(middleware: any, options?: any): void }
  readonly config: object
}

/**
 * Makes a client of AWS SDK v3 encrypt what it writes, and returns it. By middleware on the client:
 *
 * - `PutObject`, `CreateMultipartUpload` and `CopyObject` get the encryption that `uploadState` would
 *   choose: the call's own SSE fields, the stage, `encryption`, else the bucket's default. Fields of
 *   the call that contradict `encryption` reject with `EncryptionConflict`, and nothing is sent.
 * - With SSE-C, the operations on parts and on reads get the key too, and copies get it for their
 *   source. Where S3 answers 400 because the object that is read is not encrypted with a customer
 *   key, it is read without.
 * - Replies are verified. If one does not show what was asked, the call rejects with
 *   `EncryptionNotApplied`.
 * - Errors of S3 get `hint`: one sentence that says what to change.
 *
 * Region, credentials, endpoint and addressing of the client are used to read the bucket's default
 * encryption; its `requestHandler` is not, so give `proxy` and `ca` in `config` where it has them.
 *
 * `getSignedUrl` of `@aws-sdk/s3-request-presigner` signs the encryption headers into the URL: who
 * uses it must send the same ones, `(await resolveEncryption(…)).headers()`. Nobody verifies that
 * reply. `createPresignedPost` is no command and is left as it is.
 *
 * Called again, the later settings replace the earlier ones.
 *
 * @throws StatesealError for a client or setting that is wrong.
 * @example
 * const client = withEncryption(new S3Client({ region: 'eu-west-1' }), { encryption: 'aws:kms' })
 */
export declare function withEncryption<Client extends SdkClient>(client: Client, config?: EncryptionConfig): Client

/** The part of the SDK's `HttpHandler` that is called here. */
export interface SdkRequestHandler {
  // biome-ignore lint/suspicious/noExplicitAny: requests and responses are the SDK's own
  handle(request: any, options?: any): Promise<{ response: any }>
}

/** What {@link stateHandler} returns: a request handler for a client's configuration. */
export interface StateHandler {
  // biome-ignore lint/suspicious/noExplicitAny: requests and responses are the SDK's own
  handle(request: any, options?: any): Promise<{ response: any }>
  // biome-ignore lint/suspicious/noExplicitAny: the inner handler's
  readonly metadata: any
  // biome-ignore lint/suspicious/noExplicitAny: the inner handler's
  updateHttpClientConfig(key: any, value: any): void
  // biome-ignore lint/suspicious/noExplicitAny: the inner handler's
  httpHandlerConfigs(): any
  destroy(): void
}

/**
 * The same at the level of the request handler, for hosts where only the client's configuration can
 * be reached. Requests to S3 that were signed with Signature Version 4 get their encryption headers
 * and a new signature; all else passes through as it is.
 *
 * `endpoint` of `config` is needed where the client's own has a host name that is neither AWS's nor
 * in `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`: bucket and host cannot be told apart otherwise.
 * The hint of a refusal arrives as the property `hint` of the SDK's error.
 *
 * @param config `credentials` must be those of the client: requests are signed with them again.
 * @throws StatesealError for a handler or setting that is wrong.
 * @example
 * const requestHandler = stateHandler(new NodeHttpHandler(), { credentials, encryption: 'AES256' })
 * const client = new S3Client({ region, credentials, requestHandler })
 */
export declare function stateHandler(
  requestHandler: SdkRequestHandler,
  config: EncryptionConfig & { credentials: NonNullable<StateConfig['credentials']> },
): StateHandler
