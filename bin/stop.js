const { SIGNALS } = require('./failure.js')
const { notice } = require('./notice.js')

/**
 * Runs `work` with an AbortSignal that SIGINT and SIGTERM fire, so that an upload can remove what it
 * has begun. The second such signal ends the process at once.
 */
module.exports.untilStopped = async function untilStopped(work) {
  const controller = new AbortController()
  const stop = (signal) => {
    if (controller.signal.aborted) process.exit(SIGNALS[signal])
    notice('note', 'removing what was sent; once more ends it at once')
    controller.abort(Object.assign(new Error(`Stopped by ${signal}`), { signal }))
  }
  for (const signal of Object.keys(SIGNALS)) process.on(signal, stop)
  try {
    return await work(controller.signal)
  } finally {
    for (const signal of Object.keys(SIGNALS)) process.off(signal, stop)
  }
}
