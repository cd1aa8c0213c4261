const { binding } = require('../facade/addon.js')

/** `; did you mean "X"?`, or nothing. */
module.exports.similar = function similar(typed, names, prefix = '') {
  return binding().didYouMean(
    `${prefix}${typed}`,
    names.map((name) => `${prefix}${name}`),
  )
}
