require('stateseal/compose')

module.exports = {
  state: {
    backend: 's3',
    existingBucket: 'acme-deployments',
    prefix: 'compose',
    encryption: {
      stages: { prod: { serverSideEncryption: 'aws:kms', sseKMSKeyId: process.env.STATE_KEY } },
      default: 'AES256',
    },
  },
  services: {
    // Instead of a service of the Serverless Framework, which needs an AWS account to deploy to.
    counter: { component: './counter.js', path: 'services' },
  },
}
