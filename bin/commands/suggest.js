const { suggestEncryption } = require('../../index.js')
const { asOptions } = require('../encryption-text.js')
const { print } = require('../output.js')
const { readRequest } = require('../policy-request.js')
const { clean, table } = require('../style.js')

// A bucket without a policy accepts what asks for least.
const ANYTHING = [{ encryption: 'bucket-default', verdict: 'no-deny', reason: 'the bucket has no policy' }]

/** `stateseal suggest` */
module.exports.execute = async function execute({ values, positionals, settings }) {
  // What an upload would ask for does not count here.
  const config = { ...settings.config, encryption: undefined }
  const { policy, request } = await readRequest({ values, positionals, settings: { ...settings, config } })
  const asked = { ...request, kmsKeyArns: values['kms-key-arn'] }
  const accepted = policy === null ? ANYTHING : suggestEncryption(policy, asked)
  const { collision } = accepted
  const told = { suggestions: [...accepted], ...(collision && { collision }) }
  return print(values, told, show, accepted.length > 0 ? 0 : 1)
}

function show({ suggestions, collision }, colour) {
  if (suggestions.length === 0) return `${colour('red', '✘')} ${clean(collision?.reason ?? 'No setting can pass')}\n`
  return suggestions.map((one) => showOne(one, colour)).join('')
}

function showOne({ encryption, verdict, reason, keyPattern }, colour) {
  const [style, mark] = verdict === 'unknown' ? ['yellow', '?'] : ['green', '✔']
  const rows = [
    ['verdict', verdict],
    ['why', reason],
    ['key', keyPattern && `of yours, one that matches ${keyPattern}`],
  ]
  return `${colour(style, mark)} ${colour('bold', clean(asOptions(encryption)))}\n${table(rows, colour)}`
}
