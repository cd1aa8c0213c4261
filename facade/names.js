const { binding } = require('./binding.js')

let names

/** The names that the addon reads of the arguments: `{ input, config }`. */
module.exports.argumentNames = function argumentNames() {
  names ??= binding().argumentNames()
  return names
}
