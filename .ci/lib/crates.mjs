// The crates of Cargo.lock, as Cargo itself reads them.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** All crates, for every platform, for building and testing too; and this one, without what else is in crates/. */
export function crates() {
  const told = execFileSync('cargo', ['metadata', '--format-version=1', '--locked'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { packages, resolve, workspace_members: ours } = JSON.parse(told)
  return {
    own: packages.find(({ id }) => id === resolve.root),
    all: packages.filter(({ id }) => !ours.includes(id)),
    links: new Map(resolve.nodes.map((node) => [node.id, node])),
  }
}

/** Those whose code can be in a published addon: not what only builds or tests it. */
export function bundled({ own, all, links }) {
  const found = new Set()
  const visit = (id) => {
    if (found.has(id)) return
    found.add(id)
    for (const { pkg, dep_kinds } of links.get(id).deps) if (dep_kinds.some(({ kind }) => kind === null)) visit(pkg)
  }
  visit(own.id)
  return all.filter(({ id }) => found.has(id))
}

/** One of the lists of strings in deny.toml. */
export function denyList(name) {
  const text = readFileSync(`${root}/deny.toml`, 'utf8')
  const list = new RegExp(`^${name} = \\[([^\\]]*)\\]`, 'm').exec(text)
  if (!list) throw new Error(`deny.toml has no list ${name}`)
  return Array.from(list[1].matchAll(/"([^"]+)"/g), ([, item]) => item)
}
