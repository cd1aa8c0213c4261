const { clean, paint } = require('./style.js')

/** One line on standard error. */
function notice(kind, text) {
  process.stderr.write(`${paint(process.stderr)('yellow', `${kind}:`)} ${clean(text)}\n`)
}

/** The library's warnings as such lines; Node's own as Node writes them. */
function showWarnings() {
  const others = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name === 'StatesealWarning') notice('warning', warning.message)
    else for (const other of others) other.call(process, warning)
  })
}

module.exports = { notice, showWarnings }
