let native

/** The addon, loaded on first use: a deployment that uploads nothing pays nothing. */
module.exports.binding = function binding() {
  native ??= require('../binding.js')
  return native
}
