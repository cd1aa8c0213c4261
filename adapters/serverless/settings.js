const { isDeepStrictEqual } = require('node:util')
const { encryptionParams } = require('../../facade/encryption.js')
const { argumentError } = require('../../facade/errors.js')
const { checkEncryption } = require('../aws-sdk/settings.js')
const { serverlessNetwork } = require('../serverless-network.js')
const { overHost } = require('../settings.js')
const { SETTINGS } = require('./schema.js')

// The keys of provider.deploymentBucket that the framework itself reads; the typo is its own.
const BUCKET_KEYS = [
  'serverSideEncryption',
  'sseKMSKeyId',
  'sseCustomerAlgorithim',
  'sseCustomerKey',
  'sseCustomerKeyMD5',
]

/**
 * The settings for a stage: `{ config, isCustomerKey }`. The encryption keys of the deployment bucket
 * are taken over, and customer keys are taken away from the service, which is written to
 * serverless-state.json.
 */
function takeSettings(serverless, stage) {
  const { service } = serverless
  const written = Object.entries(service.custom?.stateseal ?? {})
  const given = Object.fromEntries(written.filter(([name]) => Object.hasOwn(SETTINGS, name)))
  const bucket = bucketObject(service.provider)
  const taken = Object.fromEntries(BUCKET_KEYS.filter((key) => bucket[key]).map((key) => [key, bucket[key]]))
  // A copy: the original is about to lose its keys.
  const own = structuredClone(given.encryption ?? undefined)
  for (const root of rootsOf(serverless)) forgetCustomerKeys(root)
  const encryption = chooseEncryption(own, taken, stage)
  const network = serverlessNetwork()
  const ca = [network.ca, given.ca].flat().filter(Boolean)
  const config = { ...overHost(network, given), ca, stage, encryption }
  return { config, ...checkEncryption(config) }
}

function bucketObject({ deploymentBucketObject, deploymentBucket } = {}) {
  return deploymentBucketObject ?? (typeof deploymentBucket === 'object' ? deploymentBucket : undefined) ?? {}
}

function chooseEncryption(own, taken, stage) {
  if (Object.keys(taken).length === 0) return own
  if (own === undefined) return taken
  if (!isDeepStrictEqual(encryptionParams(own, { stage }), encryptionParams(taken, { stage }))) {
    throw argumentError(
      'EncryptionConflict',
      'custom.stateseal.encryption',
      'and the encryption of provider.deploymentBucket contradict each other',
      'Keep one of them',
    )
  }
  return own
}

/** Where the framework keeps what was written in serverless.yml. */
function rootsOf({ service, configurationInput }) {
  const inputs = [service.initialServerlessConfig, configurationInput]
  return [
    service.custom?.stateseal,
    bucketObject(service.provider),
    ...inputs.flatMap((input) => [input?.custom?.stateseal, bucketObject(input?.provider)]),
  ]
}

function forgetCustomerKeys(value) {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    if (/customer/i.test(name)) delete value[name]
    else forgetCustomerKeys(inner)
  }
}

module.exports = { takeSettings }
