// The adapter's types beside those of the SDK's clients and handlers.
import { S3, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { stateHandler, withEncryption } from 'stateseal/aws-sdk'

export const client: S3Client = withEncryption(new S3Client({}), { encryption: 'AES256', stage: 'dev' })
export const aggregated: S3 = withEncryption(new S3({}))
export const handled = new S3Client({
  requestHandler: stateHandler(new NodeHttpHandler(), {
    credentials: async () => ({ accessKeyId: 'a', secretAccessKey: 's' }),
    encryption: { serverSideEncryption: 'aws:kms' },
  }),
})

// @ts-expect-error credentials are needed: requests are signed anew
stateHandler(new NodeHttpHandler(), { encryption: 'AES256' })
// @ts-expect-error a misspelt setting
withEncryption(new S3Client({}), { encrypton: 'AES256' })
// @ts-expect-error not a client
withEncryption({})
