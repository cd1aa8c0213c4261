// For tools that are still on AWS SDK v2. Nothing of the SDK is loaded here.
const { argumentError } = require('../facade/errors.js')
const { resolveEncryption } = require('../facade/upload.js')
const { objectOf } = require('./aws-sdk/fields.js')
const { Sealing } = require('./aws-sdk/sealing.js')
const { checkEncryption } = require('./aws-sdk/settings.js')
const { sealOne } = require('./aws-sdk-v2/request.js')
const { overHost } = require('./settings.js')

const SEALED = Symbol('stateseal')

/** The `AWS.S3`, which from now on encrypts what it writes and verifies S3's replies. */
function withEncryption(s3, config = {}) {
  if (typeof s3?.customizeRequests !== 'function' || typeof s3.upload !== 'function') {
    const remedy = s3?.middlewareStack ? "It is one of SDK v3: use 'stateseal/aws-sdk'" : 'Give an AWS.S3'
    throw argumentError('InvalidParameterType', 's3', 'is not an AWS.S3 of SDK v2', remedy)
  }
  const { isCustomerKey } = checkEncryption(config)
  const host = hostSettings(s3)
  const resolve = (input) => resolveEncryption(objectOf(input), overHost(host(input), config))
  const sealing = new Sealing({ isCustomerKey, resolve })
  // A second call replaces the settings; what the instance does with requests stays as it is.
  if (s3[SEALED]) s3[SEALED].sealing = sealing
  else seal(s3, sealing)
  return s3
}

function seal(s3, sealing) {
  const state = { sealing, presigns: false }
  Object.defineProperty(s3, SEALED, { value: state })
  const before = s3.customRequestHandler
  const customize = (request) => {
    before?.call(s3, request)
    if (!state.presigns) sealOne(request, state.sealing)
  }
  s3.customizeRequests(customize)

  const { upload, getSignedUrl } = s3
  s3.upload = function sealedUpload(params, options, callback) {
    const send = typeof options === 'function' ? options : callback
    const uploader = upload.call(s3, params, typeof options === 'function' ? undefined : options)
    // It works with a client of its own.
    uploader.service.customizeRequests(customize)
    if (typeof send === 'function') uploader.send(send)
    return uploader
  }
  // A URL that is asked for synchronously cannot wait for the bucket's answer.
  s3.getSignedUrl = function plainSignedUrl(...args) {
    state.presigns = true
    try {
      return getSignedUrl.apply(s3, args)
    } finally {
      state.presigns = false
    }
  }
}

/** The client's own settings, by what SDK v2 calls them. */
function hostSettings(s3) {
  const credentials = () =>
    new Promise((resolve, reject) => {
      s3.config.getCredentials((error, found) => (error ? reject(error) : resolve(found)))
    })
  return ({ Bucket }) => ({
    credentials,
    region: s3.config.region,
    // As SDK v2 does of itself.
    followRegionRedirects: true,
    forcePathStyle: s3.config.s3ForcePathStyle === true,
    bucketEndpoint: s3.config.s3BucketEndpoint === true,
    // The host of an ARN is not that of the client.
    ...(!String(Bucket).startsWith('arn:') && { endpoint: s3.endpoint.href }),
  })
}

module.exports.withEncryption = withEncryption
