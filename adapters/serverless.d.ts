import type { Encryption, StateConfig } from '../index.js'

/**
 * A plugin for `plugins:` of `serverless.yml`, for Serverless Framework v3, osls 3 and 4, and what
 * Serverless Framework v4 uploads in a deployment. The settings stand under `custom.stateseal`:
 * {@link StatesealSettings}. Settings of the command line may stand beside them, for that alone.
 */
declare class StatesealPlugin {
  constructor(serverless: object, options?: object, utils?: object)
}

declare namespace StatesealPlugin {
  /** `custom.stateseal`. */
  export interface StatesealSettings extends Pick<StateConfig, 'expectedBucketOwner' | 'proxy' | 'noProxy'> {
    /**
     * How to encrypt, for each stage of `--stage` if it has `stages`. Default: the encryption keys of
     * `provider.deploymentBucket`, else as the bucket's default encryption says.
     */
    encryption?: Encryption
    /** Certificates to trust beside Node's own and the framework's `ca` and `cafile`, as PEM. */
    ca?: string | string[]
    /** Lets SSE-C over plain http reach a test server on this machine. Default: `false`. */
    allowInsecureLoopback?: boolean
  }
}

export = StatesealPlugin
