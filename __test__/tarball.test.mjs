// The published packages, installed into empty projects and used there.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { applied, startMock } from './support/mock.mjs'
import { exec, pack, platform, platforms, project, root, startRegistry, temporary } from './support/packed.mjs'
import { tool } from './support/tools.mjs'

const node = process.execPath

describe('the tarball', () => {
  let packed
  let registry
  let installed
  let mock

  const ends = []
  before(async () => {
    const all = { after: (end) => ends.push(end) }
    packed = await pack(all)
    registry = await startRegistry(all, packed)
    installed = await project(all, registry)
    mock = await startMock(all, { PutObject: ({ headers }) => ({ headers: { etag: '"e"', ...applied(headers) } }) })
  })
  after(() => {
    for (const end of ends.reverse()) end()
  })

  const load = {
    cjs: "const { uploadState } = require('stateseal')",
    mjs: "import { uploadState } from 'stateseal'",
  }

  /** A program that uploads and prints how the state was encrypted. */
  function program(begin) {
    const config = { ...mock.config, encryption: 'AES256' }
    return `${begin}
uploadState({ Bucket: 'b', Key: 'k', State: { deployed: true } }, ${JSON.stringify(config)}).then((result) => {
  console.log(result.ETag, result.ServerSideEncryption)
})\n`
  }

  /** Writes the program in both module systems beside node_modules. */
  function write(folder) {
    for (const [extension, begin] of Object.entries(load)) {
      writeFileSync(path.join(folder, `main.${extension}`), program(begin))
    }
  }

  async function runs(command, args, folder, options = {}) {
    const before = mock.puts().length
    const env = { ...registry.env, ...options.env }
    assert.equal(await exec(command, args, { cwd: folder, ...options, env }), '"e" AES256\n', args.join(' '))
    assert.equal(mock.puts().length, before + 1)
    assert.equal(mock.puts().at(-1).body.toString(), '{"deployed":true}')
  }

  test('holds what is used, and nothing else', () => {
    const { files, manifest } = packed.main
    const folders = new Set(files.map((file) => file.split('/')[0]))
    const expected = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'adapters', 'bin', 'binding.d.ts', 'binding.js']
    expected.push('facade', 'index.d.ts', 'index.js', 'package.json', 'testing', 'types')
    assert.deepEqual([...folders].sort(), expected.sort())
    for (const name of ['preinstall', 'install', 'postinstall']) assert.equal(manifest.scripts[name], undefined, name)
    assert.equal(manifest.dependencies, undefined)
    const pins = Object.fromEntries(platforms.map((one) => [`stateseal-${one}`, manifest.version]))
    assert.deepEqual(manifest.optionalDependencies, pins, 'each platform, at exactly this version')
  })

  test("holds one addon, its licences and its crates' in each platform's package", () => {
    for (const one of platforms) {
      const { files, manifest } = packed[one]
      const expected = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'THIRD-PARTY-LICENSES', 'package.json']
      assert.deepEqual(files.sort(), [...expected, `stateseal.${one}.node`].sort(), one)
      const [os, cpu, abi] = one.split('-')
      assert.deepEqual(manifest.os, [os])
      assert.deepEqual(manifest.cpu, [cpu])
      const libc = { gnu: ['glibc'], musl: ['musl'] }[abi]
      assert.deepEqual(manifest.libc, libc, one)
      assert.equal(manifest.scripts, undefined)
    }
  })

  test('names every crate of the addon in THIRD-PARTY-LICENSES', async () => {
    const tree = ['tree', '--edges=normal,no-proc-macro', '--prefix=none', '--format={p}', '--locked']
    const inside = await exec('cargo', tree, { cwd: root })
    const notices = readFileSync(
      path.join(installed, `node_modules/stateseal-${platform}/THIRD-PARTY-LICENSES`),
      'utf8',
    )
    const names = new Set(notices.split('\n'))
    // A crate that stands in a folder is our own.
    const foreign = inside.split('\n').filter((line) => line && !/[/\\]/.test(line))
    assert.ok(foreign.length > 100, inside)
    for (const line of foreign) {
      const [, name, version] = /^(\S+) v(\S+)/.exec(line)
      assert.ok(names.has(`${name} ${version}`), `${name} ${version}`)
    }
  })

  test('installs as two packages, within 8 MB for a release build', (t) => {
    const modules = path.join(installed, 'node_modules')
    const packages = readdirSync(modules).filter((name) => !name.startsWith('.'))
    assert.deepEqual(packages, ['stateseal', `stateseal-${platform}`])
    const size = packages.reduce((sum, name) => sum + sizeOf(path.join(modules, name)), 0)
    // A debug build is many times as large; only what is published has to be small.
    const isRelease = statSync(path.join(root, `stateseal.${platform}.node`)).size < 20e6
    t.diagnostic(
      `${packages.length} packages, ${(size / 1e6).toFixed(2)} MB installed${isRelease ? '' : ' (debug build)'}`,
    )
    if (isRelease) assert.ok(size <= 8e6, `${size} bytes`)
    assert.ok(packed.main.size < 1e6, `${packed.main.size} bytes of JavaScript and types`)
  })

  test('works in CommonJS, ESM and worker threads', async () => {
    write(installed)
    await runs(node, ['main.cjs'], installed)
    await runs(node, ['main.mjs'], installed)
    const worker = "new (require('node:worker_threads').Worker)('./main.cjs')"
    await runs(node, ['-e', worker], installed)
  })

  test('works in Node 22 and 24, Bun and Deno', async () => {
    write(installed)
    for (const name of ['node-22', 'node-24']) {
      await runs(await tool(name), ['main.cjs'], installed)
      await runs(await tool(name), ['main.mjs'], installed)
    }
    await runs(await tool('bun'), ['main.mjs'], installed)
    await runs(await tool('deno'), ['run', '--allow-all', 'main.mjs'], installed, {
      env: { DENO_NO_UPDATE_CHECK: '1' },
    })
  })

  test('installs and works with pnpm, Yarn PnP and Bun', async (t) => {
    const empty = () => {
      const folder = temporary(t)
      const manifest = { name: 'app', private: true, dependencies: { stateseal: packed.main.manifest.version } }
      writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
      write(folder)
      return folder
    }
    const { env } = registry
    const withPnpm = empty()
    await exec(node, [await tool('pnpm'), 'install', '--store-dir', path.join(withPnpm, '.store')], {
      cwd: withPnpm,
      env,
    })
    await runs(node, ['main.mjs'], withPnpm)

    const withYarn = empty()
    writeFileSync(
      path.join(withYarn, '.yarnrc.yml'),
      `enableTelemetry: false\nenableGlobalCache: false\nnpmMinimalAgeGate: 0\nnpmRegistryServer: ${registry.registry}\nunsafeHttpWhitelist: ['127.0.0.1']\n`,
    )
    writeFileSync(path.join(withYarn, 'yarn.lock'), '')
    const yarn = await tool('yarn')
    await exec(node, [yarn, 'install', '--no-immutable'], { cwd: withYarn, env })
    await runs(node, ['--require', './.pnp.cjs', 'main.cjs'], withYarn)

    const withBun = empty()
    await exec(await tool('bun'), ['install'], {
      cwd: withBun,
      env: { ...env, BUN_INSTALL_CACHE_DIR: path.join(withBun, '.bun') },
    })
    await runs(await tool('bun'), ['main.mjs'], withBun)
  })

  test('compiles with moduleResolution node16, nodenext and bundler, without types of Node or the SDK', async () => {
    writeFileSync(
      path.join(installed, 'main.ts'),
      `import { uploadState, StatesealError, type StateOutput } from 'stateseal'
export async function deploy(): Promise<string | undefined> {
  const result: StateOutput = await uploadState({ Bucket: 'b', Key: 'k', State: {} }, { encryption: 'AES256' })
  return result.ETag
}
// @ts-expect-error: there is no such algorithm setting
uploadState({ Bucket: 'b', Key: 'k' }, { encryption: { serverSideEncryption: 5 } })
export const isOurs = (error: unknown) => error instanceof StatesealError && error.code\n`,
    )
    for (const module of ['node16', 'nodenext', 'bundler']) {
      const options = ['--module', module === 'bundler' ? 'esnext' : module, '--moduleResolution', module]
      const strict = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022']
      const entries = Object.keys(packed.main.manifest.exports).filter((one) => one !== './package.json' && one !== '.')
      const all = entries.map((one) => `import * as _${one.replace(/\W/g, '_')} from 'stateseal/${one.slice(2)}'`)
      writeFileSync(path.join(installed, 'entries.ts'), `${all.join('\n')}\nexport {}\n`)
      await exec(
        node,
        [path.join(root, 'node_modules/typescript/bin/tsc'), ...options, ...strict, 'main.ts', 'entries.ts'],
        {
          cwd: installed,
        },
      )
    }
  })

  test('satisfies publint and arethetypeswrong', async () => {
    const { tarball } = packed.main
    const lint = await exec(node, [await tool('publint'), '--strict', tarball], { cwd: root })
    assert.match(lint, /All good!/)
    await exec(node, [await tool('attw'), tarball, '--profile', 'node16'], { cwd: root })
  })
})

function sizeOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.reduce((sum, entry) => sum + statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size, 0)
}
