import type { StateConfig } from '../index.js'

/**
 * Lets the assets that the CDK publishes go through `uploadState`. Without `encryption` they get the
 * bucket's default, DSSE-KMS and the bucket key included, which the CDK itself leaves out.
 *
 * ```js
 * const { AssetManifest, AssetPublishing, DefaultAwsClient } = require('@aws-cdk/cdk-assets-lib')
 * const { withEncryption } = require('stateseal/cdk')
 *
 * const aws = withEncryption(new DefaultAwsClient(), { encryption: 'aws:kms' })
 * await new AssetPublishing(AssetManifest.fromPath('cdk.out'), { aws }).publish()
 * ```
 *
 * It takes the `IAws` of `@aws-cdk/cdk-assets-lib` and returns a wrapper, or the `Toolkit` of
 * `@aws-cdk/toolkit-lib`, which is changed and returned; the latter rests on an internal method of
 * toolkit-lib (tested with 1.40). The `cdk` command itself is one bundled file and cannot be reached.
 *
 * Region, credentials and assumed roles are the host's own. An `IAws` other than `DefaultAwsClient`
 * does not show its credentials: give them as `credentials`; a destination's role is assumed from them.
 *
 * @param config Settings of `uploadState`; they beat the host's. Not SSE-C: CloudFormation and Lambda
 * could not read such assets.
 * @throws StatesealError for something else than these, or a setting that is wrong.
 */
export declare function withEncryption<Host extends object>(aws: Host, config?: StateConfig): Host
