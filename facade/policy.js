const { types } = require('node:util')
const { binding } = require('./addon.js')
const { copy, copyArgument } = require('./copy.js')
const { argumentError, unwrap } = require('./errors.js')
const { messageOf } = require('./thrown.js')

const REMEDY = "Give the policy as an object or as its JSON; getBucketPolicy's answer has it in Policy"

/** What a bucket policy says to a request, with every statement and condition, and what would help. */
function explainPolicy(policy, request, context) {
  return unwrap(ask('explainPolicy', policy, request, context))
}

/** The encryption settings that a policy accepts. Empty, with `collision`, when none can pass. */
function suggestEncryption(policy, request, context) {
  const { accepted, collision } = unwrap(ask('suggestEncryption', policy, request, context))
  return collision ? Object.assign(accepted, { collision }) : accepted
}

/** A bucket policy that lets only uploads with the right encryption in. */
function enforcementPolicy(options) {
  return generate('enforcementPolicy', options)
}

/** The IAM policy of who uploads. */
function uploaderPolicy(options) {
  return generate('uploaderPolicy', options)
}

/** The policy of the KMS key that encrypts a bucket's state. */
function kmsKeyPolicy(options) {
  return generate('kmsKeyPolicy', options)
}

function generate(name, options) {
  const names = binding().generatorNames(name)
  return unwrap(binding().generatePolicy(name, copyArgument(options, 'options', names)))
}

function ask(name, policy, request, context) {
  const { text, isText } = policyText(policy)
  return binding()[name](text, isText, takeRequest(request), takeRecord(context, 'context'))
}

/** A policy as JSON. Its own `toJSON` counts, as it does where AWS CDK's PolicyDocument is sent. */
function policyText(policy) {
  if (typeof policy === 'string') return { text: policy, isText: true }
  if (types.isUint8Array(policy)) return { text: Buffer.from(policy).toString('utf8'), isText: true }
  if (typeof policy !== 'object' || policy === null) {
    const found = policy === null ? 'null' : policy === undefined ? 'undefined' : `a ${typeof policy}`
    throw argumentError('InvalidParameterType', 'policy', `must not be ${found}`, REMEDY)
  }
  let text
  try {
    text = JSON.stringify(policy)
  } catch (cause) {
    throw argumentError('InvalidParameterValue', 'policy', `is not plain data: ${messageOf(cause)}`, REMEDY, cause)
  }
  if (text === undefined) throw argumentError('InvalidParameterValue', 'policy', 'is not plain data', REMEDY)
  return { text, isText: false }
}

function takeRequest(request) {
  const names = binding().policyRequestNames()
  const records = ['headers', 'context']
  const taken = copyArgument(
    request,
    'request',
    names.filter((name) => !records.includes(name)),
  )
  for (const name of records) taken[name] = takeRecord(request[name], `request.${name}`)
  return taken
}

/** Names and values; of a `Map` or `Headers` its entries. What is `undefined` was not said. */
function takeRecord(record, place) {
  const isRecord = typeof record === 'object' && record !== null && !Array.isArray(record)
  if (!isRecord) return record
  const entries = typeof record.entries === 'function' ? Object.fromEntries(record.entries()) : record
  const taken = copy(entries, place)
  for (const name of Object.keys(taken)) {
    if (taken[name] === null && entries[name] === undefined) delete taken[name]
  }
  return taken
}

module.exports = { enforcementPolicy, explainPolicy, kmsKeyPolicy, suggestEncryption, uploaderPolicy }
