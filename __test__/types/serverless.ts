// The other adapters, as a TypeScript host loads them.
import StatesealPlugin = require('stateseal/serverless')

import { withEncryption } from 'stateseal/aws-sdk-v2'

export const plugin = new StatesealPlugin({}, {})
export const settings: StatesealPlugin.StatesealSettings = {
  encryption: { stages: { prod: { serverSideEncryption: 'aws:kms' } }, default: 'AES256' },
}

/** What the adapter needs of SDK v2's class. */
declare class S3 {
  customizeRequests(callback: (request: { operation: string }) => void): void
  upload(params: { Bucket: string }, callback?: (error: Error) => void): { promise(): Promise<unknown> }
}
export const s3: S3 = withEncryption(new S3(), { encryption: 'AES256' })
// @ts-expect-error not an AWS.S3
withEncryption({})
