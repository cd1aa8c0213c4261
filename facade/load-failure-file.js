const fs = require('node:fs')
const { readHeader } = require('./binary.js')
const { glibcVersion } = require('./platform.js')

// What the linkers say of a file with the right first bytes and not the rest.
const DAMAGE =
  /too short|past end of file|invalid ELF|ELF file|no dynamic section|no loadable segments|not a valid Win32/

function installAgain(name) {
  return `Delete ${name} from node_modules and install again; if it stays so, clear the package manager's cache`
}

/** A platform's package that is there, and its addon is not. */
function explainIncomplete(name) {
  return { problem: `${name} is installed without its file`, remedy: installAgain(name) }
}

/** Why an addon that is there cannot be loaded, from the file itself and from what dlopen said. */
function explainFile(file, cause, name) {
  const header = readHeader(file)
  if (header && (header.platform !== process.platform || header.arch !== process.arch)) {
    return {
      problem: `${file} is for ${header.platform} ${header.arch}, and this Node is ${process.platform} ${process.arch}`,
      remedy: 'Install again with the Node that runs it, not with one for another processor or system',
    }
  }
  if (!header || DAMAGE.test(cause.message)) {
    const { size } = fs.statSync(file)
    return { problem: `${file} (${size} bytes) is damaged`, remedy: installAgain(name) }
  }
  return explainLinker(file, cause.message) ?? { problem: `${file} was refused by the system`, remedy: 'See cause' }
}

// What the dynamic linkers of glibc and musl say, and what it means.
function explainLinker(file, message) {
  if (/version `GLIBC_[\d.]+' not found/.test(message)) {
    const needed = neededGlibc(file)
    return {
      problem: `it needs glibc ${needed}, and this system has ${glibcVersion() ?? 'an older one'}`,
      remedy: `Run it on a system with glibc ${needed} or later, or build it from its source on this one`,
    }
  }
  const library =
    /^(\S+): cannot open shared object file/.exec(message) ?? /Error loading shared library (\S+):/.exec(message)
  if (library && library[1] !== file) {
    return { problem: `this system has no ${library[1]}`, remedy: `Install the system package that holds it` }
  }
  if (/failed to map segment|Operation not permitted/.test(message)) {
    return {
      problem: `the system does not run code from ${file}`,
      remedy: 'Install on a file system that is not mounted with noexec',
    }
  }
  return undefined
}

/** The linker names the first version that it misses; the file names them all. */
function neededGlibc(file) {
  const named = fs.readFileSync(file, 'latin1').matchAll(/GLIBC_2\.(\d+)\0/g)
  return `2.${Math.max(...Array.from(named, ([, minor]) => Number(minor)))}`
}

module.exports = { explainFile, explainIncomplete }
