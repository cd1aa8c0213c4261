const { warn } = require('./warnings.js')

// Often enough for the eye; a callback costs the event loop more than a part costs the network.
const INTERVAL = 50

/**
 * Tells `onProgress` of a prepared upload, in lib-storage's words, until `stop(succeeded)` is called.
 */
module.exports.watchProgress = function watchProgress(prepared, onProgress, { Bucket, Key }) {
  let told = -1
  const tell = () => {
    const { loaded, total, part } = prepared.progress()
    if (part === 0 || loaded <= told) return
    told = loaded
    try {
      onProgress({ loaded, total: total ?? undefined, part, Key, Bucket })
    } catch (error) {
      // The upload is not at fault, and may be finished.
      warn({ code: 'STATESEAL_PROGRESS', message: `onProgress threw: ${error?.message}` })
    }
  }
  const timer = setInterval(tell, INTERVAL)
  timer.unref()
  return {
    stop(succeeded) {
      clearInterval(timer)
      if (succeeded) tell()
    },
  }
}
