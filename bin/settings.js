const { UsageError } = require('./failure.js')
const { COMMANDS } = require('./commands.js')
const { findSection } = require('./config-file.js')
const { readEncryption } = require('./encryption.js')
const { notice } = require('./notice.js')
const { variableOf } = require('./options.js')
const { checkNames, checkResolved } = require('./section.js')
const { convert } = require('./values.js')

/**
 * The settings of one run: flags, then STATESEAL_ variables, then the file. AWS_ variables and
 * profiles come behind them; the library reads those.
 *
 * `{ config, bucket, placeOf }`: `config` is the library's, `placeOf(setting)` says who set it.
 */
function readSettings(command, values, { env = process.env, cwd = process.cwd() } = {}) {
  const file = values['no-config'] ? undefined : findSection(cwd, values.config)
  if (file) checkNames(file, settingNames())
  const places = new Map()
  const config = {}
  const given = (option) => fromOutside(option, values, env)
  for (const option of command.options) {
    const { setting } = option
    if (setting === undefined || option.encryption !== undefined) continue
    const found = given(option) ?? fromFile(option, file)
    if (found === undefined) continue
    config[setting] = found.value
    places.set(setting, found.place)
  }
  if (/\/\/[^/]*:[^/]*@/.test(values.proxy)) {
    notice('warning', '--proxy shows its password to everybody on this machine; set HTTPS_PROXY or STATESEAL_PROXY')
  }
  assumeRole(command, config, given)
  readEncryption({ command, file, config, places, given })
  if (values.verbose) tell(places)
  const { bucket, ...rest } = config
  return { config: rest, bucket, placeOf: (setting) => placeOf(places, setting) }
}

function tell(places) {
  const settings = new Map([...places].map(([setting, place]) => [place, setting]))
  for (const [place, setting] of settings) notice('setting', `${setting} from ${place}`)
}

/** Of a flag or a variable: `{ value, place }`. An empty variable is one that is not set. */
function fromOutside(option, values, env) {
  if (values[option.flag] !== undefined) return { value: values[option.flag], place: `--${option.flag}` }
  const variable = variableOf(option)
  if (variable === undefined || !env[variable]) return undefined
  // This variable holds the key, not the path of a file.
  const type = option.type === 'customer-key' ? 'text' : option.type
  return { value: convert({ type }, [env[variable]], variable), place: variable }
}

function fromFile(option, file) {
  const value = file?.section[option.setting]
  if (value === undefined || value === null) return undefined
  const place = `${file.place}.${option.setting}`
  checkResolved(value, place, file, () => option)
  // A certificate's path stands in the file, or the certificate itself.
  const isPath = option.type === 'certificates' && !String(value).includes('-----BEGIN')
  return {
    value: isPath ? convert(option, [value].flat().map(String), `${place} in ${file.file}`, file.folder) : value,
    place: `${place} in ${file.file}`,
  }
}

/** Roles of flags and variables as the library takes them. */
function assumeRole(command, config, given) {
  const [roles, externalId, sessionName] = ['role-arn', 'external-id', 'role-session-name']
    .map((flag) => command.options.find((option) => option.flag === flag))
    .map((option) => option && given(option))
  if (roles) {
    config.assumeRole = roles.value.map((roleArn) => ({ roleArn }))
    Object.assign(config.assumeRole.at(-1), { externalId: externalId?.value, sessionName: sessionName?.value })
  } else if (externalId ?? sessionName) {
    throw new UsageError(`${(externalId ?? sessionName).place} needs --role-arn, to whose role it belongs`)
  }
}

/** Who set what an error is about: itself, or the setting that it is part of. */
function placeOf(places, setting = '') {
  if (places.has(setting)) return places.get(setting)
  const parts = [...places.keys()].filter((name) => setting.startsWith(`${name}.`) || setting.startsWith(`${name}[`))
  return places.get(parts.sort((a, b) => b.length - a.length)[0])
}

function settingNames() {
  const options = COMMANDS.flatMap((command) => command.options)
  return [...new Set(options.map((option) => option.setting).filter((name) => name !== undefined))]
}

module.exports = { readSettings, settingNames }
