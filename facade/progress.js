const { messageOf } = require('./thrown.js')
const { warn } = require('./warnings.js')

// Often enough for the eye; a callback costs the event loop more than a part costs the network.
const INTERVAL = 50

// The upload is not at fault, and may be finished.
function complain(error) {
  warn({ code: 'STATESEAL_PROGRESS', message: `onProgress threw: ${messageOf(error)}` })
}

/**
 * Tells `onProgress` of a prepared upload, in lib-storage's words, until `stop(succeeded)` is called.
 */
module.exports.watchProgress = function watchProgress(prepared, onProgress, { Bucket, Key }) {
  let told = -1
  const tell = () => {
    const { loaded, total, part } = prepared.progress()
    if (part === 0 || loaded <= told) return
    told = loaded
    // An async function's promise, so that the process does not end of it.
    new Promise((resolve) => {
      resolve(onProgress({ loaded, total: total ?? undefined, part, Key, Bucket }))
    }).catch(complain)
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
