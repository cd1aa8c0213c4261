const fs = require('node:fs')
const path = require('node:path')
const { isDeepStrictEqual } = require('node:util')
const { binding } = require('../facade/addon.js')
const { unwrap } = require('../facade/errors.js')
const { UsageError } = require('./failure.js')

/** Looked at in this order; the first that has settings counts. */
const FILES = ['serverless.yml', 'serverless.yaml', 'serverless-compose.yml', 'serverless-compose.yaml', 'package.json']

/**
 * The settings in a file: `{ section, place, file, folder }`, or nothing. `place` is how an error calls
 * the section. Without `named` the files of `cwd` are looked at.
 */
function findSection(cwd, named) {
  if (named !== undefined) {
    const found = sectionOf(path.resolve(cwd, named), named, readFile(path.resolve(cwd, named), named))
    if (found) return found
    throw new UsageError(`${named} has no stateseal key`, { hint: 'Give the settings under stateseal: in the file' })
  }
  for (const name of FILES) {
    const text = readIfThere(path.join(cwd, name))
    const found = text === undefined ? undefined : sectionOf(path.join(cwd, name), name, text)
    if (found) return found
  }
  return undefined
}

function readFile(file, name) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`--config ${name} cannot be read: ${cause.message}`, { cause })
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function sectionOf(file, name, text) {
  // Files of others are not parsed, and their mistakes are theirs.
  if (!text.includes('stateseal')) return undefined
  const isJson = path.extname(file) === '.json'
  const document = Object(isJson ? parseJson(text, name) : unwrap(binding().parseYaml(text, name)))
  const places = isJson
    ? [['stateseal', document.stateseal]]
    : [
        ['stateseal', document.stateseal],
        ['custom.stateseal', Object(document.custom).stateseal],
      ]
  const given = places.filter(([, section]) => section !== undefined && section !== null)
  if (given.length === 0) return undefined
  const [[key, section]] = given
  if (given.length > 1 && !isDeepStrictEqual(section, given[1][1])) {
    throw new UsageError(`stateseal and custom.stateseal in ${name} differ`, { hint: 'Keep one of the two' })
  }
  if (typeof section !== 'object' || Array.isArray(section)) {
    throw new UsageError(`${key} in ${name} is not a list of settings`, {
      hint: `Write settings below it, such as region: eu-west-1, or give flags and --no-config`,
    })
  }
  return { section, place: key, file: name, folder: path.dirname(file), isServerless: !isJson }
}

function parseJson(text, name) {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${name} is not valid JSON`, { hint: 'Correct the file, or give --no-config', cause })
  }
}

module.exports = { FILES, findSection }
