// The packages as the release makes them, from the addon that is built here, and a registry on
// loopback that serves them: what is installed from it is what users get.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { listen } from './listen.mjs'

const require = createRequire(import.meta.url)
const { publishedPlatforms, thisPlatform } = require('../../facade/platform.js')

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const platform = thisPlatform()
export const platforms = publishedPlatforms()

const run = promisify(execFile)
const onWindows = process.platform === 'win32'

/** Runs a program to its end; its output is part of the error if it fails. */
export async function exec(file, args, options = {}) {
  try {
    return (await run(file, args, { maxBuffer: 2 ** 26, ...options })).stdout
  } catch (error) {
    error.message += `\n${error.stdout}\n${error.stderr}`
    throw error
  }
}

/** A folder that is removed after the test. */
export function temporary(t) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateseal-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/**
 * Makes the release's packages: `{ main, [platform]: … }`, each `{ manifest, tarball, size }` with
 * `size` as the unpacked bytes. The addon of another platform is a header without a body.
 */
export async function pack(t) {
  const folder = temporary(t)
  const stage = path.join(folder, 'stage')
  const [listed] = Object.values(JSON.parse(await npm(['pack', '--dry-run', '--json', '--ignore-scripts'], root)))
  for (const { path: file } of listed.files) {
    if (!file.endsWith('.node')) cpSync(path.join(root, file), path.join(stage, file))
  }
  mkdirSync(path.join(stage, 'artifacts'))
  for (const one of platforms) writeFileSync(path.join(stage, 'artifacts', `stateseal.${one}.node`), header(one))
  copyFileSync(path.join(root, `stateseal.${platform}.node`), path.join(stage, `artifacts/stateseal.${platform}.node`))
  await exec(process.execPath, [path.join(root, '.ci/platform-packages.mjs')], { cwd: stage })
  const napi = path.join(root, 'node_modules/@napi-rs/cli/dist/cli.js')
  const prepublish = ['prepublish', '-t', 'npm', '--skip-optional-publish', '--no-gh-release']
  await exec(process.execPath, [napi, ...prepublish], { cwd: stage })
  const packed = { main: await packOne(stage, folder) }
  for (const one of readdirSync(path.join(stage, 'npm')))
    packed[one] = await packOne(path.join(stage, 'npm', one), folder)
  return packed
}

async function packOne(folder, target) {
  const told = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', target], folder)
  const [{ filename, unpackedSize, files }] = Object.values(JSON.parse(told))
  return {
    manifest: JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')),
    tarball: path.join(target, filename),
    files: files.map((file) => file.path),
    size: unpackedSize,
  }
}

/** The first bytes of a native library for a platform. */
export function header(name) {
  const [system, cpu] = name.split('-')
  const bytes = Buffer.alloc(4096)
  if (system === 'linux') {
    bytes.write('\x7fELF\x02\x01\x01', 'latin1')
    bytes.writeUInt16LE({ x64: 62, arm64: 183 }[cpu], 18)
  } else if (system === 'darwin') {
    bytes.writeUInt32BE(0xcffaedfe)
    bytes.writeUInt32LE({ x64: 0x01000007, arm64: 0x0100000c }[cpu], 4)
  } else {
    bytes.write('MZ')
    bytes.writeUInt32LE(128, 60)
    bytes.write('PE\0\0', 128)
    bytes.writeUInt16LE({ x64: 0x8664, arm64: 0xaa64 }[cpu], 132)
  }
  return bytes
}

/** Serves packages on loopback; `env` makes package managers use it, and nothing of the user's. */
export async function startRegistry(t, packed) {
  const home = temporary(t)
  const server = http.createServer((request, response) => {
    const one = Object.values(packed).find(({ manifest, tarball }) =>
      [`/${manifest.name}`, `/-/${path.basename(tarball)}`].includes(decodeURIComponent(request.url)),
    )
    if (!one) return response.writeHead(404).end('{}')
    const content = readFileSync(one.tarball)
    if (request.url.endsWith('.tgz')) return response.end(content)
    const { name, version } = one.manifest
    const dist = {
      tarball: `${registry}/-/${path.basename(one.tarball)}`,
      integrity: `sha512-${createHash('sha512').update(content).digest('base64')}`,
      shasum: createHash('sha1').update(content).digest('hex'),
    }
    const versions = { [version]: { ...one.manifest, dist } }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest: version }, versions, time: { [version]: '2020-01-01' } }),
    )
  })
  const registry = await listen(t, server)
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    USERPROFILE: home,
    npm_config_registry: registry,
    npm_config_cache: path.join(home, 'npm'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  }
  return { registry, env }
}

/** An empty project that has stateseal installed by npm; returns its folder. */
export async function project(t, { env }, ...options) {
  const folder = temporary(t)
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true }))
  await npm(['install', 'stateseal', ...options], folder, env)
  return folder
}

export function npm(args, cwd, env = process.env) {
  return exec('npm', args, { cwd, env, shell: onWindows })
}
