const fs = require('node:fs')

// e_machine of ELF, cputype of Mach-O and Machine of PE, as Node's names of a CPU.
const ELF = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64', 243: 'riscv64' }
const MACH_O = { 16777223: 'x64', 16777228: 'arm64' }
const PE = { 332: 'ia32', 34404: 'x64', 43620: 'arm64' }

/**
 * What a native library says in its header that it is for: `{ platform, arch }` in Node's words.
 * Nothing if it is no native library, or cut short.
 */
module.exports.readHeader = function readHeader(file) {
  const bytes = Buffer.alloc(4096)
  const handle = fs.openSync(file, 'r')
  let length
  try {
    length = fs.readSync(handle, bytes)
  } finally {
    fs.closeSync(handle)
  }
  if (length < 64) return undefined
  const magic = bytes.readUInt32BE(0)
  if (magic === 0x7f454c46) return { platform: 'linux', arch: ELF[bytes.readUInt16LE(18)] }
  if (magic === 0xcffaedfe) return { platform: 'darwin', arch: MACH_O[bytes.readUInt32LE(4)] }
  if (bytes.toString('latin1', 0, 2) !== 'MZ') return undefined
  const header = bytes.readUInt32LE(60)
  if (header + 6 > length || bytes.toString('latin1', header, header + 4) !== 'PE\0\0') return undefined
  return { platform: 'win32', arch: PE[bytes.readUInt16LE(header + 4)] }
}
