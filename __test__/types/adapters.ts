// The adapters and the test server, without any framework's types.
import { withEncryption as withState } from 'stateseal/alchemy'
import { withEncryption as withAssets } from 'stateseal/cdk'
import type { ComposeState } from 'stateseal/compose'
import { type LocalS3, startLocalS3 } from 'stateseal/testing'

export const state: ComposeState = {
  backend: 's3',
  existingBucket: 'acme-state',
  encryption: { stages: { prod: { serverSideEncryption: 'aws:kms', sseKMSKeyId: 'alias/state' } }, default: 'AES256' },
}
// @ts-expect-error local state needs no encryption
export const local: ComposeState = { backend: 'local' }

export async function server() {
  const s3: LocalS3 = await startLocalS3({ bucket: 'state', policy: { Version: '2012-10-17', Statement: [] } })
  return [s3.endpoint, s3.credentials.accessKeyId, s3.kms?.keyArn, s3.stop()]
}

declare class Store {
  set(key: string, value: unknown): Promise<void>
}
export const store: Store = withState(new Store(), { encryption: 'aws:kms', stage: 'dev' })
export const assets: Store = withAssets(new Store(), { region: 'eu-west-1' })
// @ts-expect-error an unknown mode
withAssets(new Store(), { encryption: 'AES128' })
// @ts-expect-error no store
withState('store')
