// THIRD-PARTY-LICENSES: the terms of every crate whose code is in the addon.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { bundled, crates } from './crates.mjs'
import { isAllowed } from './spdx.mjs'

const FILES = /^(licen[cs]e|copying|notice|unlicense|copyright)/i

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

/** The text; crates under word for word the same terms share them. */
export function thirdPartyLicenses() {
  const users = new Map()
  for (const one of bundled(crates())) {
    for (const text of texts(one)) users.set(text, [...(users.get(text) ?? []), `${one.name} ${one.version}`])
  }
  const sections = [...users].map(([text, names]) => `${names.sort().join('\n')}\n\n${text}\n`)
  return `The addon of stateseal contains code of these crates, under these terms.\n\n${sections.sort().join(`\n${'-'.repeat(78)}\n\n`)}`
}

function texts({ name, license, license_file, authors, manifest_path }) {
  const folder = path.dirname(manifest_path)
  let files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && FILES.test(entry.name))
    .map((entry) => entry.name)
  if (license_file && !files.includes(license_file)) files.push(license_file)
  // Of several licences to choose from the shortest.
  const mit = files.filter((file) => /mit/i.test(file))
  if (mit.length > 0 && isAllowed(license, ['MIT']))
    files = [...mit, ...files.filter((file) => /notice|copyright/i.test(file))]
  if (files.length > 0) return files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim())
  // Some crates under the MIT licence do not carry its text.
  if (!/\bMIT\b/.test(license)) throw new Error(`${name} carries no licence text (${license})`)
  return [`Copyright (c) ${authors.join(', ') || `the authors of ${name}`}\n\n${MIT}`]
}
