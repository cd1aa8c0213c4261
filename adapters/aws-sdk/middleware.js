const { argumentError } = require('../../facade/errors.js')
const { resolveEncryption } = require('../../facade/upload.js')
const { overHost } = require('../settings.js')
const { confirmCopy } = require('./confirm.js')
const { objectOf } = require('./fields.js')
const { Sealing } = require('./sealing.js')
const { checkEncryption, clientSettings } = require('./settings.js')

/** The client, which from now on encrypts what it writes and verifies S3's replies. */
function withEncryption(client, config = {}) {
  if (typeof client?.middlewareStack?.add !== 'function') {
    const remedy =
      typeof client?.makeRequest === 'function' ? "It is one of SDK v2: use 'stateseal/aws-sdk-v2'" : 'Give an S3Client'
    throw argumentError('InvalidParameterType', 'client', 'is not a client of AWS SDK v3', remedy)
  }
  const { isCustomerKey } = checkEncryption(config)
  const sealing = new Sealing({
    isCustomerKey,
    resolve: (input) => resolveEncryption(objectOf(input), overHost(clientSettings(client.config), config)),
  })
  const middleware = (next, context) => {
    const operation = context.commandName?.replace(/Command$/, '')
    if (!sealing.concerns(operation)) return next
    const confirm = (output, _input, seal) =>
      confirmCopy(output, {
        request: context[REQUEST],
        seal,
        credentials: client.config.credentials,
        send: (request) => client.config.requestHandler.handle(request),
      })
    const confirming = operation === 'CopyObject' ? confirm : undefined
    return (args) => sealing.run(operation, args.input, (input) => next({ ...args, input }), confirming)
  }
  client.middlewareStack.add(middleware, {
    step: 'initialize',
    // Before the SDK's own, which turns the customer key into a header.
    priority: 'high',
    name: 'statesealEncryption',
    tags: ['STATESEAL'],
    override: true,
  })
  client.middlewareStack.add(keepRequest, {
    step: 'finalizeRequest',
    name: 'statesealRequest',
    priority: 'low',
    override: true,
  })
  return client
}

const REQUEST = Symbol('stateseal request')

/** The last of the SDK's steps before the wire: the request is complete and signed. */
function keepRequest(next, context) {
  return (args) => {
    context[REQUEST] = args.request
    return next(args)
  }
}

module.exports = { withEncryption }
