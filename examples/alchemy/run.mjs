// node examples/alchemy/run.mjs: alchemy's state in S3, one setting for each stage.
import assert from 'node:assert/strict'
import { runExample } from '../support.mjs'

await runExample(import.meta.url, 'alchemy', async ({ s3, node, stored }) => {
  await node('alchemy.run.mjs', 'dev', '1')
  assert.match(await node('alchemy.run.mjs', 'dev', '2'), /count 2, before 1/, 'the state was read back')
  await node('alchemy.run.mjs', 'prod', '1')
  assert.deepEqual(await stored('alchemy/orders/dev/counter'), { algorithm: 'AES256', key: undefined })
  assert.deepEqual(await stored('alchemy/orders/prod/counter'), { algorithm: 'aws:kms', key: s3.kms.keyArn })
  console.log('stored: dev with AES256, prod with its KMS key')
})
