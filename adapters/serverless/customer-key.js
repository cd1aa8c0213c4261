const { frameworkError } = require('./error.js')

/** Whether an object is one of a deployment, which CloudFormation, Lambda and the framework itself read. */
function isReadByAws({ service }, aws, { Bucket, Key }) {
  const { deploymentBucket } = service.provider
  return Bucket === deploymentBucket || String(Key).startsWith(`${aws.getDeploymentPrefix()}/`)
}

/** SSE-C where the readers do not have the key. */
function customerKeyError(serverless, key) {
  return frameworkError(
    serverless,
    `SSE-C cannot encrypt ${key ?? 'the artifacts of a deployment'}: CloudFormation reads the template, and Lambda the packages, without your key. Use serverSideEncryption: aws:kms with sseKMSKeyId`,
    'STATESEAL_CUSTOMER_KEY',
  )
}

module.exports = { customerKeyError, isReadByAws }
