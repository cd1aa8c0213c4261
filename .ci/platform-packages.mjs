// Makes npm/<platform>, the packages that are published beside `stateseal`, from the addons that the
// release's build jobs left in artifacts/. Works in the current folder: a clone, or a copy of one.
import { execFileSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './lib/crates.mjs'
import { thirdPartyLicenses } from './lib/notices.mjs'

const NOTICES = 'THIRD-PARTY-LICENSES'
const licences = readdirSync('.').filter((file) => file.startsWith('LICENSE-'))

napi('create-npm-dirs')
napi('artifacts', '--output-dir', 'artifacts')
// It puts them here too, where they would go into the main package: all of them.
for (const file of readdirSync('.')) if (file.endsWith('.node')) rmSync(file)

const notices = thirdPartyLicenses()
for (const platform of readdirSync('npm')) {
  const folder = path.join('npm', platform)
  for (const file of licences) copyFileSync(file, path.join(folder, file))
  writeFileSync(path.join(folder, NOTICES), notices)
  const file = path.join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  manifest.files.push(...licences, NOTICES)
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}

function napi(...args) {
  const cli = path.join(root, 'node_modules/@napi-rs/cli/dist/cli.js')
  execFileSync(process.execPath, [cli, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
}
