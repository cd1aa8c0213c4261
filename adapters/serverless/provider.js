const { resolveEncryption } = require('../../facade/upload.js')
const { confirmByHead } = require('../aws-sdk/confirm.js')
const { objectOf } = require('../aws-sdk/fields.js')
const { openHandler } = require('../aws-sdk/handler.js')
const { CREATES } = require('../aws-sdk/operations.js')
const { Sealing } = require('../aws-sdk/sealing.js')
const { overHost } = require('../settings.js')
const { uploadError } = require('./error.js')

/** Methods of SDK v2's S3 that are not operations of that name. */
const OPERATIONS = { upload: 'PutObject' }
const WRITES = new Set(['PutObject', 'CopyObject'])

const operationOf = (method) => OPERATIONS[method] ?? `${method[0].toUpperCase()}${method.slice(1)}`

/**
 * Everything that Serverless v3, osls 3 and Serverless v4 send to S3 goes through `provider.request`,
 * plugins of others included. The framework's own request is kept: its SDK, proxy, retries and queue.
 */
function sealRequest(provider, { serverless, settings, permit }) {
  const request = provider.request.bind(provider)
  const sealings = new Map()

  function sealingFor(region, isV3, { config, isCustomerKey }) {
    const key = `${region} ${isV3}`
    if (!sealings.has(key)) {
      const resolve = async (input, operation) => {
        const host = await hostSettings(provider, region, isV3)
        const seal = await resolveEncryption(objectOf(input), overHost(host, config))
        if (CREATES.has(operation)) permit(input, seal)
        return seal
      }
      sealings.set(key, new Sealing({ resolve, isCustomerKey }))
    }
    return sealings.get(key)
  }

  provider.request = async function sealedRequest(service, method, params, options) {
    const current = service === 'S3' ? settings() : undefined
    if (!current) return request(service, method, params, options)
    const sealing = sealingFor(options?.region ?? provider.getRegion(), usesV3(options), current)
    const operation = operationOf(method)
    if (!sealing.concerns(operation)) return request(service, method, params, options)
    const send = async (input) => ({ output: await request(service, method, input, options) })
    // The last answer to an upload in parts says nothing with SSE-C, and on some servers nothing at all.
    const head = (input) => request('S3', 'headObject', input, options)
    const confirm = WRITES.has(operation) ? (...reply) => confirmByHead(...reply, head) : undefined
    try {
      const { output } = await sealing.run(operation, params, send, confirm)
      return output
    } catch (error) {
      throw uploadError(serverless, method, error)
    }
  }
}

/** Whether the framework uses SDK v3 behind `provider.request`. */
function usesV3(options) {
  return options?.sdkVersion === 3 || process.env.SLS_AWS_SDK === '3' || Boolean(process.env.SLS_AWS_SDK_V3)
}

/** Where the framework's client goes, and as whom. */
async function hostSettings(provider, region, isV3) {
  const found = await provider.getCredentials()
  // Serverless v4 returns them as they are, v3 and osls 3 as a setting, or nothing for SDK v2's chain.
  const credentials = found?.accessKeyId ? found : found?.credentials
  return { region, ...(credentials && { credentials }), ...(isV3 ? {} : endpointOfV2(provider, region)) }
}

/** SDK v2 does not read the variables that name an endpoint for v3. */
function endpointOfV2({ sdk }, region) {
  const { endpoint, config } = new sdk.S3({ region })
  return { endpoint: endpoint.href, forcePathStyle: config.s3ForcePathStyle === true }
}

/**
 * In osls 4 every client has its configuration from here, with the request handler as its only seam;
 * in osls 3 the clients of plugins that moved on to SDK v3.
 */
function sealClients(provider, { settings, permit }) {
  const configure = provider.getAwsSdkV3Config.bind(provider)
  provider.getAwsSdkV3Config = async function sealedConfig(...args) {
    const client = await configure(...args)
    const { credentials, endpoint } = client
    const own = () => {
      const current = settings()
      return current && { ...current, config: { ...current.config, credentials, endpoint } }
    }
    return { ...client, requestHandler: openHandler(client.requestHandler, own, { hintIn: 'message', permit }) }
  }
}

/** The framework's own settings for a client of S3. */
async function clientSettings(provider) {
  if (hasRequest(provider)) return hostSettings(provider, provider.getRegion(), usesV3())
  const { region, credentials, endpoint } = await provider.getAwsSdkV3Config()
  return { region, credentials, endpoint }
}

/** Where the provider has it: in osls 4 a stub that throws stands in its place. */
function hasRequest(provider) {
  try {
    return typeof provider.request === 'function' && provider.sdk !== undefined
  } catch {
    return false
  }
}

/** Chooses by what the provider offers. */
function sealProvider(provider, host) {
  if (hasRequest(provider)) sealRequest(provider, host)
  if (typeof provider.getAwsSdkV3Config === 'function') sealClients(provider, host)
}

module.exports = { clientSettings, sealProvider }
