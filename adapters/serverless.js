// A plugin for `plugins:` in serverless.yml: Serverless Framework v3, osls 3 and 4, and what
// Serverless Framework v4 uploads in a deployment.
const { COMMANDS, checkDeploymentBucket } = require('./serverless/check.js')
const { customerKeyError, isReadByAws } = require('./serverless/customer-key.js')
const { settingError } = require('./serverless/error.js')
const { sealProvider } = require('./serverless/provider.js')
const { schema } = require('./serverless/schema.js')
const { takeSettings } = require('./serverless/settings.js')

class StatesealPlugin {
  #serverless
  #aws
  #settings

  constructor(serverless, _options, utils) {
    this.#serverless = serverless
    serverless.configSchemaHandler?.defineCustomProperties({ type: 'object', properties: { stateseal: schema } })
    if (serverless.service.provider.name !== 'aws') return
    this.#aws = serverless.getProvider('aws')
    sealProvider(this.#aws, {
      serverless,
      settings: () => this.#settings,
      permit: (object, seal) => this.#permit(object, seal),
    })
    this.commands = COMMANDS
    this.hooks = {
      // All variables are resolved now, and nothing is uploaded or written to serverless-state.json yet.
      initialize: () => this.#take(),
      'before:package:cleanup': () => this.#refuseCustomerKey(),
      'before:deploy:deploy': () => this.#refuseCustomerKey(),
      'stateseal:check:check': () => checkDeploymentBucket(serverless, this.#aws, this.#settings.config, utils),
    }
  }

  #take() {
    try {
      this.#settings ??= takeSettings(this.#serverless, this.#aws.getStage())
    } catch (error) {
      throw settingError(this.#serverless, error)
    }
  }

  /** Before packaging, which may take long. */
  #refuseCustomerKey() {
    const isDeployment = this.#serverless.processedInput?.commands?.[0] === 'deploy'
    if (isDeployment && this.#settings.isCustomerKey) throw customerKeyError(this.#serverless)
  }

  #permit({ Bucket, Key }, seal) {
    if (seal.params().SSECustomerKey === undefined) return
    if (isReadByAws(this.#serverless, this.#aws, { Bucket, Key })) throw customerKeyError(this.#serverless, Key)
  }
}

module.exports = StatesealPlugin
