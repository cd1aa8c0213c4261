// The types beside those of the AWS SDK: what fits there fits here.
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { PutObjectCommandInput, PutObjectCommandOutput, S3ClientConfig } from '@aws-sdk/client-s3'
import {
  type EncryptionParams,
  encryptionHeaders,
  encryptionParams,
  type StateConfig,
  type StateInput,
  type StateOutput,
  StatesealError,
  uploadState,
} from 'stateseal'

declare const sdkInput: PutObjectCommandInput
declare const sdkConfig: S3ClientConfig
export const input: StateInput = sdkInput
export const config: StateConfig = sdkConfig
declare const ours: StateOutput
export const output: PutObjectCommandOutput = ours
export const params: PutObjectCommandInput = {
  Bucket: 'b',
  Key: 'k',
  ...encryptionParams('AES256'),
} satisfies PutObjectCommandInput & EncryptionParams

// Every field of the SDK's input and output is named, not merely tolerated.
type Missing<Theirs, Ours> = Exclude<keyof Theirs, keyof Ours>
export const noInputMissing: Missing<PutObjectCommandInput, StateInput> extends never ? true : never = true
export const noOutputMissing: Missing<PutObjectCommandOutput, StateOutput> extends never ? true : never = true

export async function bodies() {
  const place = { Bucket: 'b', Key: 'k' }
  const { VersionId, encryption } = await uploadState({ ...place, Body: 'text' })
  await uploadState({ ...place, Body: Buffer.of(1) }, { region: 'eu-west-1', encryption: 'AES256' })
  await uploadState({ ...place, Body: new Float64Array(2) }, { region: async () => 'eu-west-1' })
  await uploadState({ ...place, Body: new DataView(new ArrayBuffer(2)) })
  await uploadState({ ...place, Body: new ArrayBuffer(2) })
  await uploadState({ ...place, Body: new Blob(['x']) })
  await uploadState({ ...place, Body: Readable.from(['x']) })
  await uploadState({ ...place, Body: createReadStream('x') })
  await uploadState({ ...place, Body: new Blob(['x']).stream() })
  await uploadState({ ...place, Body: { path: new URL('file:///x') } })
  await uploadState({ ...place, State: { any: ['value'] } }, { encryption: { kms_key_id: 'x', sse: 'aws:kms' } })
  await uploadState(
    { ...place, State: 1 },
    {
      stage: 'dev',
      encryption: { stages: { dev: 'AES256', prod: { serverSideEncryption: 'aws:kms' } }, default: 'AES256' },
    },
  )
  const headers: Record<string, string> = encryptionHeaders('aws:kms', { operation: 'UploadPart' })
  return [VersionId, encryption.source satisfies string, headers]
}

export function errors(error: unknown) {
  if (error instanceof StatesealError) return [error.hint, error.code satisfies string, error.VersionId]
}

// @ts-expect-error an unknown mode
encryptionParams('AES128')
// @ts-expect-error a misspelt setting
encryptionParams({ serverSideEncrypton: 'AES256' })
// @ts-expect-error the input is an object
uploadState('bucket')
// @ts-expect-error not a body
uploadState({ Bucket: 'b', Key: 'k', Body: 7 })
// @ts-expect-error an operation without encryption headers
encryptionHeaders('AES256', { operation: 'ListObjects' })
