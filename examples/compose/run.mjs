// node examples/compose/run.mjs: the remote state of @osls/compose, one setting for each stage.
import assert from 'node:assert/strict'
import { runExample } from '../support.mjs'

await runExample(import.meta.url, 'compose', async ({ s3, node, cli, stored }) => {
  const compose = (...args) => node(cli('bin/serverless-compose'), ...args)
  await compose('deploy')
  await compose('deploy')
  assert.match(await compose('outputs'), /deployments: 2/, 'the second deployment has read the state of the first')
  await compose('deploy', '--stage', 'prod')
  assert.deepEqual(await stored('compose/dev/state.json'), { algorithm: 'AES256', key: undefined })
  assert.deepEqual(await stored('compose/prod/state.json'), { algorithm: 'aws:kms', key: s3.kms.keyArn })
  console.log('stored: dev with AES256, prod with its KMS key')
})
