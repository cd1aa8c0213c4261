// node examples/cdk/run.mjs: the assets that cdk-assets-lib publishes, with a KMS key.
import assert from 'node:assert/strict'
import { runExample } from '../support.mjs'

await runExample(import.meta.url, 'cdk', async ({ s3, node, stored }) => {
  await node('publish.js')
  for (const key of ['cdk/Orders.template.json', 'cdk/lambda.zip']) {
    assert.deepEqual(await stored(key), { algorithm: 'aws:kms', key: s3.kms.keyArn })
  }
  console.log('stored: template and function with the KMS key')
})
