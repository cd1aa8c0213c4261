const { UsageError } = require('./failure.js')
const { variableOf } = require('./options.js')
const { similar } = require('./similar.js')

/**
 * Refuses misspelt names. The section is shared with stateseal's plugins, so a name that resembles
 * none of ours is left to them.
 */
function checkNames({ section, place, file }, names) {
  if (section.credentials !== undefined) {
    throw new UsageError(`${place}.credentials in ${file} is not read: credentials do not belong into a file`, {
      hint: 'Use a profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    })
  }
  for (const name of Object.keys(section)) {
    const meant = names.includes(name) ? '' : similar(name, names)
    if (meant) throw new UsageError(`${place}.${name} in ${file} is not a setting${meant}`)
  }
}

/**
 * Refuses what only a deployment resolves: `${…}` of Serverless and functions of CloudFormation.
 * `optionOf(key)` is the option that sets the same, for the remedy.
 */
function checkResolved(value, place, file, optionOf, key) {
  if (!file.isServerless) return
  if (typeof value === 'string') {
    const [variable] = /\$\{[^}]*\}?/.exec(value) ?? []
    if (variable) throw unresolved(`the variable ${variable}`, place, file, optionOf(key))
  } else if (typeof value === 'object' && value !== null) {
    const called = Object.keys(value).find((name) => name === 'Ref' || name.startsWith('Fn::'))
    if (called) throw unresolved(`the CloudFormation function ${called}`, place, file, optionOf(key))
    for (const [name, entry] of Object.entries(value)) {
      checkResolved(entry, `${place}.${name}`, file, optionOf, key ?? name)
    }
  }
}

function unresolved(what, place, { file }, option) {
  const variable = option && variableOf(option)
  const hint = option ? `Give --${option.flag} or set ${variable}` : 'Give the value by flags, and --no-config'
  return new UsageError(`${place} in ${file} holds ${what}, which a deployment resolves and this command does not`, {
    hint,
  })
}

module.exports = { checkNames, checkResolved }
