import alchemy, { Resource } from 'alchemy'
import { S3StateStore } from 'alchemy/aws'
import { withEncryption } from 'stateseal/alchemy'

const encryption = {
  stages: { prod: { serverSideEncryption: 'aws:kms', sseKMSKeyId: process.env.STATE_KEY } },
  default: 'AES256',
}

await alchemy('orders', {
  stage: process.argv[2],
  telemetry: false,
  stateStore: (scope) => withEncryption(new S3StateStore(scope, { bucketName: 'acme-deployments' }), { encryption }),
})

// Instead of a resource in the cloud: it remembers its last value.
const Counter = Resource('example::Counter', async function (_id, { count }) {
  return { count, before: this.output?.count }
})

const { count, before } = await Counter('counter', { count: Number(process.argv[3]) })
console.log(`count ${count}, before ${before}`)
// No app.finalize(): with an S3StateStore of alchemy 0.94 it takes the stage's resources for orphans and fails.
