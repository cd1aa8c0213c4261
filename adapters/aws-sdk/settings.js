const { encryptionParams } = require('../../facade/encryption.js')
const { checkObject } = require('../../facade/copy.js')

/** Settings of an SDK's client, v2 or v3, that are settings of stateseal. */
const OF_CLIENT = [
  'region',
  'credentials',
  'profile',
  'endpoint',
  'forcePathStyle',
  'followRegionRedirects',
  'useFipsEndpoint',
  'useDualstackEndpoint',
  'useAccelerateEndpoint',
  'useArnRegion',
  'bucketEndpoint',
  'maxAttempts',
  'retryMode',
  'requestChecksumCalculation',
  'userAgentAppId',
]

/** What a client is set to. */
function clientSettings(clientConfig) {
  const settings = {}
  for (const name of OF_CLIENT) {
    if (clientConfig[name] !== undefined && clientConfig[name] !== null) settings[name] = clientConfig[name]
  }
  return settings
}

/**
 * Throws for a setting that is wrong, now and not with the first put; tells whether it is SSE-C,
 * which alone concerns reads.
 */
function checkEncryption(config) {
  checkObject(config, 'config')
  const { encryption, stage } = config
  if (encryption === undefined || encryption === null) return { isCustomerKey: false }
  return { isCustomerKey: encryptionParams(encryption, { stage }).SSECustomerKey !== undefined }
}

module.exports = { checkEncryption, clientSettings }
