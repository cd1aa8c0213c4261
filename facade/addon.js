const fs = require('node:fs')
const path = require('node:path')
const { thisPlatform } = require('./platform.js')

let native

/** The addon, loaded on first use: a deployment that uploads nothing pays nothing. */
function binding() {
  native ??= fromUsualPlace() ?? fromAnywhere()
  return native
}

/**
 * The addon from where a build or npm puts it, or nothing. napi's loader finds it too, and takes longer
 * for it than the addon takes to load.
 */
function fromUsualPlace() {
  // The loader's own settings are for the loader.
  if (Object.keys(process.env).some((name) => name.startsWith('NAPI_RS_'))) return undefined
  try {
    const platform = thisPlatform()
    const built = path.join(__dirname, '..', `stateseal.${platform}.node`)
    return require(fs.existsSync(built) ? built : `stateseal-${platform}`)
  } catch {
    return undefined
  }
}

function fromAnywhere() {
  try {
    return require('../binding.js')
  } catch (cause) {
    const { loadFailure } = require('./load-failure.js')
    throw loadFailure(cause)
  }
}

let names

/** The names that the addon reads of the arguments and of the environment. */
function argumentNames() {
  names ??= binding().argumentNames()
  return names
}

/** Whether the event loop is libuv's: others that load addons have functions of its names that end the process. */
function isNode() {
  const { bun, deno, electron, nw } = process.versions
  return process.release?.name === 'node' && !bun && !deno && !electron && !nw
}

let line
let last = 0
const waiting = new Map()

function done(id, answer) {
  const settle = waiting.get(id)
  waiting.delete(id)
  if (waiting.size === 0) line.release()
  settle(answer)
}

/**
 * Makes a call that the addon answers later: `call(line, id)`. Resolves to the answer. Until then the
 * process does not end of itself.
 */
function ask(call) {
  line ??= new (binding().Line)(done, isNode())
  return new Promise((resolve, reject) => {
    last = (last + 1) >>> 0
    call(line, last)
    if (waiting.size === 0) line.hold()
    waiting.set(last, (answer) => {
      if (answer === null) reject(new Error('The upload broke off: a defect of stateseal'))
      else resolve(JSON.parse(answer))
    })
  })
}

module.exports = { argumentNames, ask, binding }
