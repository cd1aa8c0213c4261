// For `serverless-compose.js` of @osls/compose, which has no plugins but runs that file in its own
// process: the S3 client of its remote state is sealed as soon as it is made.
const { readFileSync } = require('node:fs')
const path = require('node:path')
const { argumentError, toError } = require('../facade/errors.js')
const { checkEncryption } = require('./aws-sdk/settings.js')
const { sealClient } = require('./client.js')
const { serverlessNetwork } = require('./serverless-network.js')

const HOSTS = ['@osls/compose', '@serverless/compose']
const STORAGE = path.join(path.sep, 'src', 'state', 'S3StateStorage.js')

/** The compose packages that are loaded in this process: found there, the CLI may be installed anywhere. */
function loadedHosts() {
  const roots = Object.keys(require.cache)
    .filter((file) => file.endsWith(STORAGE))
    .map((file) => file.slice(0, -STORAGE.length))
  return roots.filter((root) => HOSTS.includes(nameOf(root))).map(loadedParts)
}

function nameOf(root) {
  try {
    return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).name
  } catch {
    return undefined
  }
}

function loadedParts(root) {
  const loaded = (file) => require.cache[path.join(root, 'src', file)]?.exports
  const Context = loaded('Context.js')
  const ServerlessError = loaded('serverless-error.js')
  const S3StateStorage = loaded(path.join('state', 'S3StateStorage.js'))
  if (typeof Context?.prototype?.setupStateStorage !== 'function' || typeof ServerlessError !== 'function') {
    throw hostError(`stateseal/compose does not know this version of ${nameOf(root)} (${root})`)
  }
  return { Context, ServerlessError, S3StateStorage }
}

function hostError(message) {
  const hint = "Call require('stateseal/compose') in serverless-compose.js and run it with @osls/compose 1.9"
  const properties = {
    name: 'HostNotFound',
    code: 'HostNotFound',
    message: `${message}. ${hint}`,
    hint,
    retryable: false,
  }
  return toError({ origin: 'host', properties })
}

/** Compose does not mind what else stands in its state section; a setting there would be lost. */
function checkPlace(state) {
  const name = Object.keys(state).find((key) => key !== 'encryption' && /sse|encrypt|kms|bucketkey/i.test(key))
  if (name) throw argumentError('InvalidParameterValue', `state.${name}`, 'is not read', 'Put it into state.encryption')
}

function seal({ Context, ServerlessError, S3StateStorage }) {
  const { setupStateStorage } = Context.prototype
  Context.prototype.setupStateStorage = async function setupSealedStateStorage() {
    const { stage } = this
    const state = Object(this.configuration.state)
    const { encryption } = state
    try {
      checkPlace(state)
      checkEncryption({ encryption, stage })
    } catch (error) {
      throw new ServerlessError(`Invalid "state" configuration: ${error.message}`, 'INVALID_STATE_CONFIGURATION', error)
    }
    await setupStateStorage.call(this)
    if (this.stateStorage instanceof S3StateStorage) {
      sealClient(this.stateStorage.s3Client, { ...serverlessNetwork(), encryption, stage })
    }
  }
}

const hosts = loadedHosts()
if (hosts.length === 0) throw hostError('stateseal/compose found no @osls/compose in this process')
for (const host of hosts) seal(host)
