// A deployment tool that publishes what `cdk synth` has left in cdk.out.
const { AssetManifest, AssetPublishing, DefaultAwsClient } = require('@aws-cdk/cdk-assets-lib')
const { withEncryption } = require('stateseal/cdk')

const aws = withEncryption(new DefaultAwsClient(), {
  encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: process.env.STATE_KEY, bucketKeyEnabled: true },
})
const progressListener = { onPublishEvent: (_type, { message }) => console.log(message) }

new AssetPublishing(AssetManifest.fromFile('cdk.out/Orders.assets.json'), { aws, progressListener })
  .publish()
  .catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
