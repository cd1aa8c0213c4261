const { print } = require('./output.js')

/** Prints what a generator makes of the settings and of `options`: a policy is JSON for people, too. */
module.exports.printPolicy = function printPolicy(generate, { config, bucket }, options) {
  return print({ json: true }, generate({ ...config, bucket, ...options }))
}
