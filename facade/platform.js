const fs = require('node:fs')

// A Rust target's words as Node's.
const CPUS = { x86_64: 'x64', aarch64: 'arm64' }
const SYSTEMS = { windows: 'win32' }

/** The platforms that addons are published for, as `linux-x64-gnu` or `darwin-arm64`. */
function publishedPlatforms() {
  // Read only here: every first upload asks for `thisPlatform`.
  const { napi } = require('../package.json')
  return napi.targets.map((target) => {
    const [cpu, , system, abi] = target.split('-')
    return [SYSTEMS[system] ?? system, CPUS[cpu] ?? cpu, abi].filter(Boolean).join('-')
  })
}

/** The platform of this process, in the same form. */
function thisPlatform() {
  const { platform, arch } = process
  const abi = { linux: () => (usesMusl() ? 'musl' : 'gnu'), win32: () => 'msvc' }[platform]?.()
  return [platform, arch, abi].filter(Boolean).join('-')
}

/** The C library of a Linux process: of two kinds, which cannot load each other's addons. */
function usesMusl() {
  try {
    // Where the loader looks first.
    return fs.readFileSync('/usr/bin/ldd', 'utf8').includes('musl')
  } catch {
    return glibcVersion() === undefined
  }
}

/** Version of the glibc that this process runs on; nothing where it runs on none. */
function glibcVersion() {
  if (typeof process.report?.getReport !== 'function') return undefined
  const { excludeNetwork } = process.report
  process.report.excludeNetwork = true
  try {
    return process.report.getReport().header.glibcVersionRuntime
  } finally {
    process.report.excludeNetwork = excludeNetwork
  }
}

module.exports = { glibcVersion, publishedPlatforms, thisPlatform }
