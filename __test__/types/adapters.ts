// The adapters and the test server, without any framework's types.
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
