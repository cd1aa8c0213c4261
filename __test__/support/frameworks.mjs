// The real frameworks at exact versions, each in a folder of its own in the project's cache.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { cache } from './local.mjs'

const FRAMEWORKS = {
  'osls-4': { osls: '4.3.1' },
  'osls-3': { osls: '3.77.1' },
  'serverless-3': { serverless: '3.40.0' },
  compose: { '@osls/compose': '1.9.2' },
  cdk: { '@aws-cdk/cdk-assets-lib': '1.5.0' },
  'cdk-toolkit': { '@aws-cdk/toolkit-lib': '1.40.1' },
  alchemy: { alchemy: '0.94.0', '@aws-sdk/client-s3': '3.1175.0' },
  'aws-sdk-2': { 'aws-sdk': '2.1693.0' },
}

export const keys = Object.keys(FRAMEWORKS)

/**
 * A framework of the list above, installed on first use: `folder` holds its `node_modules`,
 * `require` resolves from there, `title` names it and its version for a test's title.
 */
export async function framework(key) {
  const packages = FRAMEWORKS[key]
  const [[name, version]] = Object.entries(packages)
  const folder = path.join(cache, 'frameworks', `${path.basename(name)}-${version}`)
  if (!existsSync(folder)) await install(packages, folder)
  const require = createRequire(path.join(folder, 'package.json'))
  return { folder, name, version, title: titleOf(key), require }
}

/** `osls 4.3.1`, without installing it. */
export function titleOf(key) {
  const [[name, version]] = Object.entries(FRAMEWORKS[key])
  return `${name} ${version}`
}

/** Installs packages into a folder that is not there yet, without their scripts. */
export async function install(dependencies, folder) {
  const unfinished = path.join(path.dirname(folder), `.unfinished-${randomUUID()}`)
  mkdirSync(unfinished, { recursive: true })
  try {
    writeFileSync(path.join(unfinished, 'package.json'), JSON.stringify({ private: true, dependencies }))
    const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps']
    const onWindows = process.platform === 'win32'
    await promisify(execFile)('npm', npm, { cwd: unfinished, shell: onWindows, maxBuffer: 2 ** 26 })
    renameSync(unfinished, folder)
  } catch (cause) {
    // Another process may have been quicker; its folder is as good.
    if (!existsSync(folder)) {
      throw new Error(`Installing ${JSON.stringify(dependencies)} failed: ${cause.stderr?.trim() || cause.message}`, {
        cause,
      })
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}
