const { notice } = require('./notice.js')

/** Standard input; somebody who sits before it is told that it is being read. */
module.exports.standardInput = function standardInput() {
  if (process.stdin.isTTY) notice('note', 'reading standard input; Ctrl-D ends it')
  return process.stdin
}
