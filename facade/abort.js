const { binding } = require('./addon.js')
const { toError } = require('./errors.js')

/** Calls `stop` when `signal` says so, or has said so, until the function that it returns is called. */
function onAbort(signal, stop) {
  if (!signal) return () => {}
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  return () => signal.removeEventListener('abort', stop)
}

/** What the promise resolves to, or nothing as soon as `signal` says stop. */
async function unlessAborted(signal, promise) {
  if (!signal) return await promise
  let forget
  const stopped = new Promise((resolve) => {
    forget = onAbort(signal, () => resolve())
  })
  try {
    return await Promise.race([stopped, promise])
  } finally {
    forget()
  }
}

/** The same for what has no upload yet that would say so: an AbortError. */
async function orAbortError(signal, promise) {
  const done = await unlessAborted(signal, promise)
  if (signal?.aborted && done === undefined) throw toError(binding().aborted(), signal.reason)
  return done
}

module.exports = { onAbort, orAbortError, unlessAborted }
