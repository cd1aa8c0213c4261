const { styleText } = require('node:util')
const { hasColors } = require('./style.js')

const WIDTH = 30
// What is over sooner needs no bar.
const PATIENCE = 500

/** A bar on standard error for `onProgress`: `{ show, end }`. */
function progressBar(stream = process.stderr) {
  const begun = Date.now()
  const isColoured = hasColors(stream)
  let shown = false
  return {
    show({ loaded, total }) {
      if (Date.now() - begun < PATIENCE) return
      shown = true
      stream.write(`\r${bar(loaded, total, isColoured)} ${amount(loaded, total, Date.now() - begun)}\x1b[K`)
    },
    end() {
      if (shown) stream.write('\r\x1b[K')
    },
  }
}

function bar(loaded, total, isColoured) {
  const done = total ? Math.floor((loaded / total) * WIDTH) : 0
  const full = '█'.repeat(done)
  return `${isColoured ? styleText('green', full, { validateStream: false }) : full}${'░'.repeat(WIDTH - done)}`
}

function amount(loaded, total, milliseconds) {
  const rate = `${inMib(loaded / (milliseconds / 1000))}/s`
  if (!total) return `${inMib(loaded)}  ${rate}`
  return `${Math.floor((loaded / total) * 100)} %  ${inMib(loaded)} of ${inMib(total)}  ${rate}`
}

function inMib(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

module.exports = { progressBar }
