const { argumentError } = require('./errors.js')

/** A path, or a file: URL, as a path. `place` is how an error calls it. */
module.exports.toPath = function toPath(path, place) {
  if (path instanceof URL) {
    try {
      return require('node:url').fileURLToPath(path)
    } catch (cause) {
      throw argumentError('InvalidParameterValue', place, 'is not a file: URL', 'Give a path or a file: URL', cause)
    }
  }
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw argumentError('InvalidParameterType', place, 'must be a path', 'Give a non-empty string or a file: URL')
}
