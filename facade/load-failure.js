const { createRequire } = require('node:module')
const fs = require('node:fs')
const path = require('node:path')
const { toError } = require('./errors.js')
const { explainFile, explainIncomplete } = require('./load-failure-file.js')
const { explainMissing } = require('./load-failure-install.js')
const { publishedPlatforms, thisPlatform } = require('./platform.js')
const manifest = require('../package.json')

// Not a plain `require`: bundlers would follow it.
const load = createRequire(__filename)
const root = path.join(__dirname, '..')

/**
 * Why the addon could not be loaded, and the one thing to do about it, as an error. `cause` is what
 * Node said of the file that it should have loaded; the generated loader's own error says neither.
 */
module.exports.loadFailure = function loadFailure(thrown) {
  const { problem, remedy, cause } = explain(thrown)
  const message = `The addon of stateseal cannot be loaded: ${problem}. ${remedy}`
  const code = cause.code ?? 'MODULE_NOT_FOUND'
  return toError(
    { origin: 'client', properties: { name: 'AddonNotLoaded', code, message, hint: remedy, retryable: false } },
    cause,
  )
}

function explain(thrown) {
  const override = process.env.NAPI_RS_NATIVE_LIBRARY_PATH
  if (override) {
    const problem = `NAPI_RS_NATIVE_LIBRARY_PATH names ${override}, which is not an addon of this platform`
    return { problem, remedy: 'Unset that variable', cause: failureOf(override) ?? thrown }
  }
  const platform = thisPlatform()
  const name = `${manifest.name}-${platform}`
  const file = find(`${root}/${manifest.napi.binaryName}.${platform}.node`) ?? find(name)
  if (file) {
    const cause = failureOf(file) ?? thrown
    return { ...(explainForbidden(cause) ?? explainFile(file, cause, name)), cause }
  }
  const cause = failureOf(name) ?? thrown
  if (find(`${name}/package.json`)) return { ...explainIncomplete(name), cause }
  return { ...(explainForbidden(cause) ?? explainNotFound(name, platform)), cause }
}

function explainNotFound(name, platform) {
  const isPublished = manifest.optionalDependencies?.[name] !== undefined
  if (!isPublished && !fs.existsSync(`${root}/binding.js`)) {
    return {
      problem: `${root} is its source, not built`,
      remedy: `Run "npm install" there without --ignore-scripts (it needs Rust), or install the published package`,
    }
  }
  const published = publishedPlatforms()
  if (!published.includes(platform)) {
    return {
      problem: `there is none for ${platform}, only for ${published.join(', ')}`,
      remedy: `Build it from its source on this platform with Rust: "npm run build" in a clone`,
    }
  }
  const others = published.filter((other) => other !== platform && find(`${manifest.name}-${other}`))
  return explainMissing({ name, platform, others, root })
}

/** Node itself may have been told to load none. */
function explainForbidden({ code, permission, resource }) {
  if (code === 'ERR_ACCESS_DENIED') {
    const flag = permission === 'FileSystemRead' ? `--allow-fs-read=${resource}` : '--allow-addons'
    return { problem: `Node's permission model forbids it (${permission})`, remedy: `Start Node with ${flag}` }
  }
  if (code !== 'ERR_DLOPEN_DISABLED') return undefined
  if (process.permission) {
    return { problem: "Node's permission model forbids addons", remedy: 'Start Node with --allow-addons' }
  }
  return {
    problem: 'Node was started with --no-addons',
    remedy: 'Start it without that option (see NODE_OPTIONS too)',
  }
}

function find(request) {
  try {
    return load.resolve(request)
  } catch {
    return undefined
  }
}

function failureOf(request) {
  try {
    load(request)
    return undefined
  } catch (error) {
    return error
  }
}
