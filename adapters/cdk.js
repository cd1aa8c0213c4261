// For code that publishes CDK assets itself: through @aws-cdk/cdk-assets-lib, or @aws-cdk/toolkit-lib.
const { checkObject } = require('../facade/copy.js')
const { encryptionParams } = require('../facade/encryption.js')
const { argumentError } = require('../facade/errors.js')
const { StateUploader } = require('../facade/upload.js')
const { withHint } = require('./hint.js')
const { overHost } = require('./settings.js')

/**
 * Lets the uploads of assets go through `uploadState`. `host` is an `IAws` of cdk-assets-lib, of which
 * a wrapper is returned, or a `Toolkit` of toolkit-lib, which itself is changed and returned.
 */
function withEncryption(host, config = {}) {
  checkObject(config, 'config')
  checkEncryption(config)
  if (typeof host?.s3Client === 'function') return sealAws(host, config)
  if (typeof host?.sdkProvider === 'function') return sealToolkit(host, config)
  const problem = 'is neither an IAws of @aws-cdk/cdk-assets-lib nor a Toolkit of @aws-cdk/toolkit-lib'
  throw argumentError('InvalidParameterType', 'aws', problem, 'Give new DefaultAwsClient(), or new Toolkit()')
}

function checkEncryption({ encryption, stage }) {
  if (encryption === undefined || encryption === null) return
  if (encryptionParams(encryption, { stage }).SSECustomerKey !== undefined) {
    const problem = 'is not for assets: CloudFormation and Lambda, which read them, have no key to send'
    throw argumentError('InvalidParameterValue', 'encryption.sseCustomerKey', problem, 'Encrypt them with aws:kms')
  }
}

/** Everything of `target` but for the methods in `own`. */
function override(target, own) {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(own, name)) return own[name]
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function sealAws(aws, config) {
  if (!config.credentials && typeof aws.awsOptions !== 'function') {
    const remedy = 'Give those with which it makes its S3 client'
    throw argumentError(
      'MissingRequiredParameter',
      'credentials',
      'are needed: this IAws does not show its own',
      remedy,
    )
  }
  return override(aws, {
    async s3Client(options = {}) {
      const client = await aws.s3Client(options)
      const fromHost = config.credentials ? assumed(options) : await credentialsOf(aws, options)
      const region = options.region ?? (await aws.discoverDefaultRegion())
      return sealS3(client, { region, ...fromHost }, config)
    },
  })
}

/** The role of a destination, for credentials that the caller gave. */
function assumed({ assumeRoleArn: roleArn, assumeRoleExternalId: externalId, assumeRoleAdditionalOptions: more }) {
  if (!roleArn) return {}
  const { RoleSessionName: sessionName, ...others } = more ?? {}
  const [name] = Object.keys(others).filter((key) => others[key] !== undefined)
  if (name) {
    const place = `assumeRoleAdditionalOptions.${name}`
    throw argumentError(
      'InvalidParameterValue',
      place,
      'cannot be applied to `credentials`',
      'Give credentials of the role',
    )
  }
  return { assumeRole: { roleArn, externalId, sessionName } }
}

/** As DefaultAwsClient gives them to its own S3Client, which tells the provider its Region. */
async function credentialsOf(aws, options) {
  // On a copy: it keeps the role of its last call, and other assets may be under way.
  const config = { ...aws.config, credentials: aws.mainCredentials ?? aws.config?.credentials }
  const { credentials } = await aws.awsOptions.call(Object.assign(Object.create(aws), { config }), options)
  const region = async () => options.region ?? (await aws.discoverDefaultRegion())
  return { credentials: () => credentials({ callerClientConfig: { region } }) }
}

function sealToolkit(toolkit, config) {
  const sdkProvider = toolkit.sdkProvider.bind(toolkit)
  toolkit.sdkProvider = async (...args) => {
    const provider = await sdkProvider(...args)
    return override(provider, {
      async forEnvironment(...of) {
        const found = await provider.forEnvironment(...of)
        return { ...found, sdk: sealSdk(found.sdk, config) }
      },
    })
  }
  return toolkit
}

function sealSdk(sdk, config) {
  const { region, credentials } = Object(sdk.config)
  if (typeof region !== 'string' || typeof credentials !== 'function') {
    const remedy = 'Publish with cdk-assets-lib and its DefaultAwsClient'
    throw argumentError('InvalidParameterValue', 'aws', 'is a Toolkit of a version that is not known', remedy)
  }
  return override(sdk, { s3: () => sealS3(sdk.s3(), { region, credentials }, config) })
}

/** An S3 client of the host whose `upload` is ours. */
function sealS3(client, fromHost, config) {
  const uploader = new StateUploader(overHost({ forcePathStyle: pathStyle(), ...fromHost }, config))
  return {
    ...client,
    // Not the user's, but what the host read of the bucket's default, without DSSE and the bucket key.
    upload: ({ ServerSideEncryption, SSEKMSKeyId, ...input }) => uploader.upload(input).catch(withHint),
  }
}

/** When the CDK addresses buckets in the path. */
function pathStyle() {
  const { CDK_S3_FORCE_PATH_STYLE, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env
  const endpoint = AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL ?? ''
  return Boolean(CDK_S3_FORCE_PATH_STYLE) || /^https?:\/\/(localhost|127\.|\[::1\])/i.test(endpoint)
}

module.exports = { withEncryption }
