// node examples/serverless/run.mjs: what osls uploads in a deployment, one setting for each stage. The
// same serverless.yml does it in Serverless Framework v3 and v4. CloudFormation is a stand-in.
import assert from 'node:assert/strict'
import { startCloudFormation } from '../../__test__/support/cloudformation.mjs'
import { runExample } from '../support.mjs'

const cloudFormation = await startCloudFormation()
process.env.AWS_ENDPOINT_URL = cloudFormation.endpoint
process.env.SLS_AWS_MONITORING_FREQUENCY = '100'

await runExample(import.meta.url, 'osls-4', async ({ s3, node, cli, stored }) => {
  const expected = { dev: ['AES256', undefined], prod: ['aws:kms', s3.kms.keyArn] }
  for (const [stage, [algorithm, key]] of Object.entries(expected)) {
    await node(cli('bin/serverless.js'), 'deploy', '--stage', stage)
    const query = { 'list-type': '2', prefix: `serverless/orders/${stage}/` }
    const { body } = await s3.request({ path: '/acme-deployments', query })
    const keys = [...body.toString().matchAll(/<Key>([^<]+)/g)].map(([, name]) => name)
    assert.deepEqual(keys.map((name) => name.split('/').at(-1)).sort(), [
      'compiled-cloudformation-template.json',
      'orders.zip',
      'serverless-state.json',
    ])
    for (const name of keys) assert.deepEqual(await stored(name), { algorithm, key }, name)
  }
  console.log('stored: template, state and function; dev with AES256, prod with its KMS key')
}).finally(() => cloudFormation.stop())
