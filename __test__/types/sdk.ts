// The types beside those of the AWS SDK: what fits there fits here.
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type {
  CompleteMultipartUploadCommandOutput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
  S3ClientConfig,
} from '@aws-sdk/client-s3'
import type { Options, Progress } from '@aws-sdk/lib-storage'
import {
  type EncryptionParams,
  encryptionHeaders,
  encryptionParams,
  explainUpload,
  type StateConfig,
  type StateInput,
  type StateOutput,
  StatesealError,
  StateUploader,
  signState,
  type UploadOptions,
  type UploadProgress,
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

// What lib-storage's Upload takes beside the client, and what its `done()` gives.
declare const theirOptions: Options
export const transfer: UploadOptions = {
  partSize: theirOptions.partSize,
  queueSize: theirOptions.queueSize,
  leavePartsOnError: theirOptions.leavePartsOnError,
  abortSignal: new AbortController().signal,
}
declare const listener: (progress: Progress) => void
export const options: UploadOptions = { onProgress: listener }
export const progress = (ours: UploadProgress): Progress => ours
export const done: CompleteMultipartUploadCommandOutput = ours

export async function several() {
  const uploader = new StateUploader(sdkConfig)
  const { Location, $metadata } = await uploader.upload(sdkInput, { ...options, encryption: 'aws:kms', stage: 'dev' })
  const same: StateOutput = await uploader.upload({ ...sdkInput, Body: Readable.from(['x']) })
  uploader.destroy()
  return [Location?.length, $metadata.totalRetryDelay, same.ETag]
}

export async function unsent() {
  const explained = await explainUpload(sdkInput, { ...sdkConfig, encryption: 'AES256', partSize: 5 * 1024 * 1024 })
  const parts: number | undefined = explained.multipart?.partSize
  const { url, method, headers, body } = await signState(
    { Bucket: 'b', Key: 'k', State: {} },
    { abortSignal: undefined },
  )
  await fetch(url, { method, headers, body: new Uint8Array(body) })
  return [parts, explained.headers['x-amz-server-side-encryption'], explained.encryption.source satisfies string]
}

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
// @ts-expect-error the encryption of one upload is an option, not a parameter
new StateUploader().upload({ Bucket: 'b', Key: 'k', encryption: 'AES256' })
// @ts-expect-error a callback
new StateUploader({ onProgress: 'yes' })
// @ts-expect-error Key is required
explainUpload({ Bucket: 'b' })
