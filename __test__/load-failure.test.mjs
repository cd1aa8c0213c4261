// When the addon cannot be loaded: each cause on an installed package, in a process of its own.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exec, header, npm, pack, platform, platforms, project, startRegistry, temporary } from './support/packed.mjs'

const name = `stateseal-${platform}`
const onLinux = process.platform === 'linux'

describe('the addon cannot be loaded:', () => {
  let registry
  let installed

  const ends = []
  before(async () => {
    const all = { after: (end) => ends.push(end) }
    registry = await startRegistry(all, await pack(all))
    installed = await project(all, registry)
  })
  after(() => {
    for (const end of ends) end()
  })

  /** A copy of the project, for what a test does to it. */
  function copy(t) {
    const folder = temporary(t)
    cpSync(installed, folder, { recursive: true })
    return { folder, addon: path.join(folder, 'node_modules', name, `stateseal.${platform}.node`) }
  }

  /** What the first call says, in a process with these options of Node. */
  async function failure(folder, { options = [], begin = '', env = {} } = {}) {
    const script = `${begin}
      const { StatesealError, encryptionParams, uploadState } = require('stateseal')
      const { name, code, message, hint, cause, retryable } = (() => {
        try { encryptionParams('AES256') } catch (error) { return error }
      })()
      uploadState({ Bucket: 'b', Key: 'k' }).catch((error) => console.log(JSON.stringify({
        name, code, message, hint, retryable, cause: cause?.message, causeCode: cause?.code,
        isOurs: error instanceof StatesealError, rejected: error.message,
      })))`
    const file = path.join(folder, 'main.js')
    writeFileSync(file, script)
    const told = JSON.parse(
      await exec(process.execPath, [...options, file], { cwd: folder, env: { ...process.env, ...env } }),
    )
    assert.equal(told.name, 'AddonNotLoaded')
    assert.equal(told.rejected, told.message, 'an async function rejects with the same')
    assert.equal(told.retryable, false)
    assert.ok(told.isOurs)
    assert.ok(told.message.endsWith(told.hint))
    assert.ok(told.cause, 'has a cause')
    assert.equal(told.code, told.causeCode ?? 'MODULE_NOT_FOUND')
    return told
  }

  test('loaded, when nothing is wrong', async () => {
    const script = "console.log(require('stateseal').encryptionParams('AES256').ServerSideEncryption)"
    assert.equal(await exec(process.execPath, ['-e', script], { cwd: installed }), 'AES256\n')
  })

  test('installed with --omit=optional', async (t) => {
    const folder = await project(t, registry, '--omit=optional')
    const { message, hint, code } = await failure(folder)
    assert.match(message, new RegExp(`the optional dependency ${name} was not installed`))
    assert.match(hint, /^Run "npm install --include=optional"/)
    assert.equal(code, 'MODULE_NOT_FOUND')
    await npm(['install', '--include=optional'], folder, registry.env)
    assert.equal(
      await exec(process.execPath, ['-p', "require('stateseal').encryptionParams('AES256') !== undefined"], {
        cwd: folder,
      }),
      'true\n',
    )
  })

  test('a lockfile that leaves the platform out', async (t) => {
    const { folder } = copy(t)
    const file = path.join(folder, 'package-lock.json')
    const lock = JSON.parse(readFileSync(file, 'utf8'))
    for (const key of Object.keys(lock.packages))
      if (key.startsWith('node_modules/stateseal-')) delete lock.packages[key]
    writeFileSync(file, JSON.stringify(lock))
    rmSync(path.join(folder, 'node_modules', name), { recursive: true })
    const { message, hint } = await failure(folder)
    assert.match(message, /package-lock\.json leaves out the optional dependency .*npm\/cli#4828/)
    assert.equal(hint, 'Delete package-lock.json and node_modules and run "npm install"')
  })

  test('installed for another system', async (t) => {
    const folder = await project(t, registry, '--os=darwin', '--cpu=arm64')
    const { message, hint } = await failure(folder)
    assert.match(message, new RegExp(`installed for darwin-arm64, and this is ${platform}`))
    assert.match(hint, new RegExp(`npm install --os=${process.platform} --cpu=${process.arch}`))
    const [, command] = /"npm ([^"]+)"/.exec(hint)
    rmSync(path.join(folder, 'node_modules'), { recursive: true })
    await npm(command.split(' '), folder, registry.env)
    const working = "require('stateseal').encryptionParams('AES256').ServerSideEncryption"
    assert.equal(await exec(process.execPath, ['-p', working], { cwd: folder }), 'AES256\n')
  })

  test('each package manager has its own remedy', async (t) => {
    for (const [lockfile, remedy] of [
      ['pnpm-lock.yaml', /pnpm install --force.*--no-optional/],
      ['yarn.lock', /yarn install --force.*--ignore-optional/],
      ['bun.lock', /bun install --force/],
    ]) {
      const { folder } = copy(t)
      rmSync(path.join(folder, 'node_modules', name), { recursive: true })
      rmSync(path.join(folder, 'package-lock.json'))
      writeFileSync(path.join(folder, lockfile), '')
      assert.match((await failure(folder)).hint, remedy, lockfile)
    }
  })

  test('a platform without an addon', async () => {
    const begin = "Object.defineProperty(process, 'arch', { value: 's390x' })"
    const { message, hint } = await failure(installed, { begin })
    for (const one of platforms) assert.ok(message.includes(one), one)
    assert.match(message, /there is none for \w+-s390x/)
    assert.match(hint, /Build it from its source/)
  })

  test("Node's permission model, and --no-addons", async () => {
    const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission'
    const read = `--allow-fs-read=${path.parse(installed).root}*`
    const permission = await failure(installed, { options: ['--no-warnings', flag, read] })
    assert.match(permission.message, /permission model forbids addons/)
    assert.equal(permission.hint, 'Start Node with --allow-addons')
    assert.equal(permission.code, 'ERR_DLOPEN_DISABLED')
    const forbidden = await failure(installed, { options: ['--no-addons'] })
    assert.match(forbidden.message, /started with --no-addons/)
  })

  test('an addon for another processor', async (t) => {
    const { folder, addon } = copy(t)
    const other = process.arch === 'x64' ? 'arm64' : 'x64'
    writeFileSync(addon, header(platform.replace(process.arch, other)))
    const { message, hint, code } = await failure(folder)
    assert.ok(
      message.includes(`is for ${process.platform} ${other}, and this Node is ${process.platform} ${process.arch}`),
    )
    assert.match(hint, /Install again with the Node that runs it/)
    assert.equal(code, 'ERR_DLOPEN_FAILED')
  })

  test('a damaged addon', async (t) => {
    const { folder, addon } = copy(t)
    for (const damaged of [Buffer.alloc(0), Buffer.from('<html>'), header(platform)]) {
      writeFileSync(addon, damaged)
      const { message, hint } = await failure(folder)
      assert.ok(message.includes(`(${damaged.length} bytes) is damaged`), message)
      assert.match(hint, new RegExp(`^Delete ${name} from node_modules`))
    }
    rmSync(addon)
    const { message, hint } = await failure(folder)
    assert.match(message, new RegExp(`${name} is installed without its file`))
    assert.match(hint, new RegExp(`^Delete ${name} from node_modules`))
  })

  test('glibc too old', { skip: platform.endsWith('-gnu') ? false : 'only with glibc' }, async (t) => {
    const { folder, addon } = copy(t)
    // As from a newer system: one version that the addon asks of glibc becomes one that does not exist.
    patch(addon, /GLIBC_2\.\d\d\0/, (version) => version.replace(/\d\d\0/, '99\0'))
    const { message, hint, cause } = await failure(folder)
    const here = process.report.getReport().header.glibcVersionRuntime
    assert.ok(message.includes(`it needs glibc 2.99, and this system has ${here}`), message)
    assert.match(hint, /glibc 2\.99 or later/)
    assert.match(cause, /GLIBC_2\.99/)
  })

  test('a system library that is missing', { skip: !onLinux && 'only on Linux' }, async (t) => {
    const { folder, addon } = copy(t)
    patch(addon, /libgcc_s\.so\.1\0/, () => 'libgcc_X.so.1\0')
    const { message } = await failure(folder)
    assert.match(message, /this system has no libgcc_X\.so\.1/)
  })

  test('NAPI_RS_NATIVE_LIBRARY_PATH', async (t) => {
    const { folder } = copy(t)
    const { message, hint } = await failure(folder, { env: { NAPI_RS_NATIVE_LIBRARY_PATH: '/nowhere/x.node' } })
    assert.match(message, /NAPI_RS_NATIVE_LIBRARY_PATH names \/nowhere\/x\.node/)
    assert.equal(hint, 'Unset that variable')
  })

  test('the source, not built', async (t) => {
    const { folder } = copy(t)
    const source = path.join(folder, 'node_modules/stateseal')
    const manifest = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8'))
    delete manifest.optionalDependencies
    writeFileSync(path.join(source, 'package.json'), JSON.stringify(manifest))
    rmSync(path.join(source, 'binding.js'))
    rmSync(path.join(folder, 'node_modules', name), { recursive: true })
    const { message, hint } = await failure(folder)
    assert.match(message, /is its source, not built/)
    assert.match(hint, /without --ignore-scripts/)
  })

  test('a bundle without the addon', async (t) => {
    const folder = temporary(t)
    mkdirSync(path.join(folder, 'dist'))
    const { tool } = await import('./support/tools.mjs')
    const entry = path.join(installed, 'bundle-entry.js')
    writeFileSync(
      entry,
      "try { require('stateseal').encryptionParams('AES256') } catch (error) { console.log(error.message) }",
    )
    const bundle = path.join(folder, 'dist/bundle.js')
    await exec(await tool('esbuild'), [
      entry,
      '--bundle',
      '--platform=node',
      '--external:*.node',
      `--outfile=${bundle}`,
      '--log-level=error',
      '--external:stateseal-*',
    ])
    const told = await exec(process.execPath, [bundle], { cwd: folder })
    assert.match(told, new RegExp(`${name} is not beside this bundle .* Declare stateseal as external`))
  })
})

/** Replaces the first match in a file, by as many bytes. */
function patch(file, pattern, change) {
  const text = readFileSync(file, 'latin1')
  const [found] = pattern.exec(text)
  const changed = change(found)
  assert.equal(changed.length, found.length)
  writeFileSync(file, text.replace(found, changed), 'latin1')
}
