// The types of checkBucket, as a caller writes them.
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { type CheckFinding, type CheckReport, checkBucket } from 'stateseal'

declare const sdkConfig: S3ClientConfig

export async function check(): Promise<string[]> {
  const report: CheckReport = await checkBucket({
    ...sdkConfig,
    bucket: 'b',
    key: 'k',
    encryption: 'AES256',
    probe: true,
  })
  const worst: CheckFinding[] = report.findings.filter(({ status }) => status === 'problem')
  // @ts-expect-error: the bucket must be given
  await checkBucket({ region: 'eu-west-1' })
  // @ts-expect-error: no such status
  worst.filter(({ status }) => status === 'error')
  return worst.map(({ id, message, remedy, permission }) => [id, message, remedy ?? permission].join())
}
