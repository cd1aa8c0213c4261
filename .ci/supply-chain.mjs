// What the package and its addon are made of: every crate's licence and origin, nothing twice,
// nothing that is not used. `cargo deny check` does the same and knows the advisories (see deny.toml).
import { readdirSync, readFileSync } from 'node:fs'
import { bundled, crates, denyList, root } from './lib/crates.mjs'
import { isAllowed } from './lib/spdx.mjs'

const found = crates()
const inAddon = bundled(found)

const problems = [...licences(), ...sources(), ...duplicates(), ...denied(), ...unused()]
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
console.log(
  `${found.all.length} crates (${inAddon.length} in the addon): licences, sources and versions as in deny.toml`,
)

function licences() {
  const allowed = denyList('allow')
  return found.all
    .filter(({ license }) => !license || !isAllowed(license, allowed))
    .map(({ name, version, license }) => `${name} ${version}: its licence is not allowed in deny.toml: ${license}`)
}

function sources() {
  return found.all
    .filter(({ source }) => !source?.startsWith('registry+'))
    .map(({ name, source }) => `${name} comes from ${source ?? 'a folder'}, not from the registry`)
}

function duplicates() {
  const known = denyList('skip')
  const names = inAddon.map(({ name }) => name)
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
  return [
    ...twice.filter((name) => !known.includes(name)).map((name) => `${name} is in the addon in several versions`),
    ...known.filter((name) => !twice.includes(name)).map((name) => `deny.toml: skip ${name} is not needed any more`),
  ]
}

function denied() {
  const names = denyList('deny')
  return found.all.filter(({ name }) => names.includes(name)).map(({ name }) => `${name} is denied in deny.toml`)
}

/** A dependency of ours that no file of ours names. */
function unused() {
  const read = (folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true })
      .filter((file) => file.endsWith('.rs'))
      .map((file) => readFileSync(`${root}/${folder}/${file}`, 'utf8'))
      .join('\n')
  const code = `${read('src')}\n${readFileSync(`${root}/build.rs`, 'utf8')}`
  const ignored = found.own.metadata?.['cargo-machete']?.ignored ?? []
  return found.links
    .get(found.own.id)
    .deps.map(({ name }) => name)
    .filter((name) => !ignored.includes(name) && !new RegExp(`\\b${name}\\b(::|!|;| as )`).test(code))
    .map((name) => `Cargo.toml: ${name} is not used`)
}
