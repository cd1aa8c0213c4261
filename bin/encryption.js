const { binding } = require('../facade/addon.js')
const { unwrap } = require('../facade/errors.js')
const { notice } = require('./notice.js')
const { checkResolved } = require('./section.js')

/**
 * Sets `config.encryption`: each setting of a flag or a variable takes the place of the file's, for
 * the stage that is deployed. What then contradicts each other is the library's to refuse.
 */
function readEncryption({ command, file, config, places, given }) {
  const options = command.options.filter((option) => option.encryption !== undefined)
  const outside = {}
  for (const option of options) {
    const found = given(option)
    if (found === undefined) continue
    outside[option.encryption] = found.value
    places.set(`encryption.${option.encryption}`, found.place)
  }
  const written = options.length > 0 ? file?.section.encryption : undefined
  const isAlone = Object.keys(outside).length > 0
  if (written === undefined || written === null) {
    if (isAlone) config.encryption = outside
    return
  }
  const inForce = readFile(written, config.stage, file)
  const kept = inForce.entries.filter(({ setting }) => outside[setting] === undefined)
  for (const { key, setting, value, place } of kept) {
    checkResolved(value, place, file, () => options.find((option) => option.encryption === setting))
    places.set(['encryption', ...inForce.path, key].filter(Boolean).join('.'), `${place} in ${file.file}`)
    places.set(`encryption.${key ?? setting}`, `${place} in ${file.file}`)
    if (setting === 'sseCustomerKey') {
      notice('warning', `${place} in ${file.file} shows the key to everybody who reads the file`)
    }
  }
  // Whole where nothing was changed, so that the library can say which stage it came from.
  config.encryption = isAlone
    ? Object.assign(Object.fromEntries(kept.map(({ key, setting, value }) => [key ?? setting, value])), outside)
    : written
}

/** The entries of the file for `stage`, each with its place in it. */
function readFile(written, stage, file) {
  // A variable in place of them all has no entries.
  if (typeof written === 'string') checkResolved(written, `${file.place}.encryption`, file, () => undefined)
  const { path, entries } = entriesOf(written, stage)
  const placed = (key) => [file.place, 'encryption', ...path, key].filter(Boolean).join('.')
  return { path, entries: entries.map((entry) => ({ ...entry, place: placed(entry.key) })) }
}

/**
 * What `encryption` sets for `stage`: `{ path, entries: [{ key, setting, value }] }`. `path` leads to
 * the entries; an encryption that is one word has one entry, without a key.
 */
function entriesOf(encryption, stage) {
  const { path, entries } = unwrap(binding().encryptionInForce(encryption, stage))
  const holder = path.reduce((object, name) => object[name], encryption)
  const valued = ({ key, setting }) => ({ key: key ?? undefined, setting, value: key === null ? holder : holder[key] })
  return { path, entries: entries.map(valued) }
}

module.exports = { entriesOf, readEncryption }
