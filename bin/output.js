const { paint } = require('./style.js')

/** Prints `result`, as JSON or as `show(result, colour)` writes it for people; `code` is the exit code. */
module.exports.print = function print({ json }, result, show, code = 0) {
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : show(result, paint(process.stdout)))
  return code
}
