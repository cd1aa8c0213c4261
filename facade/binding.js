let native

/** The addon, loaded on first use: a deployment that uploads nothing pays nothing. */
module.exports.binding = function binding() {
  if (!native) {
    try {
      native = require('../binding.js')
    } catch (cause) {
      const { loadFailure } = require('./load-failure.js')
      throw loadFailure(cause)
    }
  }
  return native
}
