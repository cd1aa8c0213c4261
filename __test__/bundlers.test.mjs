// The examples of docs/bundlers.md, as they stand there, over the installed package.
import assert from 'node:assert/strict'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exec, pack, platform, project, root, startRegistry, temporary } from './support/packed.mjs'
import { tool } from './support/tools.mjs'

const PROGRAM = "console.log(require('stateseal').encryptionParams('AES256').ServerSideEncryption)"
const blocks = [...readFileSync(path.join(root, 'docs/bundlers.md'), 'utf8').matchAll(/```(\w+)\n([\s\S]*?)```/g)]
const [external, withAddon] = [0, 1].map((index) => ({
  esbuild: blocks.filter(([, language]) => language === 'sh')[index][2],
  webpack: blocks.filter(([, , code]) => code.startsWith('// webpack'))[index][2],
}))
const rollup = blocks.find(([, , code]) => code.startsWith('// rollup'))[2]

describe('bundled as docs/bundlers.md says', () => {
  let installed
  let tools

  const ends = []
  before(async () => {
    const all = { after: (end) => ends.push(end) }
    installed = await project(all, await startRegistry(all, await pack(all)))
    tools = path.join(await tool('bundlers'), '../..')
  })
  after(() => {
    for (const end of ends.reverse()) end()
  })

  /** A project with the program, stateseal and the bundlers; removed from it before the bundle runs. */
  function copy(t) {
    const folder = temporary(t)
    cpSync(installed, folder, { recursive: true })
    writeFileSync(path.join(folder, 'main.js'), PROGRAM)
    for (const name of readdirSync(tools)) {
      const link = path.join(folder, 'node_modules', name)
      if (!existsSync(link)) symlinkSync(path.join(tools, name), link, 'junction')
    }
    return folder
  }

  async function runs(folder) {
    assert.equal(await exec(process.execPath, ['dist/main.js'], { cwd: folder }), 'AES256\n')
  }

  /** The same without any node_modules: what the bundle needs is beside it. */
  async function runsAlone(t, folder) {
    const alone = temporary(t)
    renameSync(path.join(folder, 'dist'), path.join(alone, 'dist'))
    const addons = readdirSync(path.join(alone, 'dist')).filter((file) => file.endsWith('.node'))
    assert.equal(addons.length, 1, `of ${platform} only`)
    await runs(alone)
  }

  async function esbuild(command, folder) {
    const [program, ...args] = command.trim().split(/\s+/)
    assert.equal(program, 'esbuild')
    await exec(await tool('esbuild'), args, { cwd: folder })
  }

  async function webpack(config, folder) {
    writeFileSync(path.join(folder, 'webpack.config.js'), config)
    const script = `require('webpack')({ context: process.cwd(), ...require('./webpack.config.js') }, (error, stats) => {
      if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exitCode = 1 }
    })`
    await exec(process.execPath, ['-e', script], { cwd: folder })
  }

  test('esbuild, external', async (t) => {
    const folder = copy(t)
    await esbuild(external.esbuild, folder)
    await runs(folder)
  })

  test('esbuild, with the addon copied', async (t) => {
    const folder = copy(t)
    await esbuild(withAddon.esbuild, folder)
    await runsAlone(t, folder)
  })

  test('webpack, external', async (t) => {
    const folder = copy(t)
    await webpack(external.webpack, folder)
    await runs(folder)
  })

  test('webpack, with the addon copied', async (t) => {
    const folder = copy(t)
    await webpack(withAddon.webpack, folder)
    await runsAlone(t, folder)
  })

  test('rollup, external', async (t) => {
    const folder = copy(t)
    writeFileSync(path.join(folder, 'rollup.config.mjs'), rollup)
    await exec(process.execPath, ['node_modules/rollup/dist/bin/rollup', '--config', '--silent'], { cwd: folder })
    await runs(folder)
  })
})
