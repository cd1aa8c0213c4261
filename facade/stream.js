const { toBytes } = require('./body.js')

/**
 * Feeds a stream to a prepared upload that is being sent, and resolves to the upload's outcome. A
 * stream that fails stops the upload, and its own error is thrown.
 */
module.exports.feed = async function feed(prepared, stream, sending) {
  const reader = open(stream)
  let failure
  const feeding = pump(prepared, reader).catch((error) => {
    failure = { error }
    prepared.cancel()
  })
  const outcome = await sending
  if (failure) throw failure.error
  // The upload may be over long before a stream that is slow.
  if (outcome.error) reader.abandon()
  else await feeding
  return outcome
}

async function pump(prepared, reader) {
  for (;;) {
    const { done, value } = await reader.next()
    if (done) return prepared.end()
    if (!(await prepared.push(toBytes(value)))) return reader.abandon()
  }
}

/** `next()` and `abandon()` for any kind of stream. */
function open(stream) {
  if (typeof stream[Symbol.asyncIterator] === 'function') {
    const iterator = stream[Symbol.asyncIterator]()
    const abandon = () => {
      if (typeof stream.destroy === 'function') stream.destroy()
      // A generator that is waiting ends when it goes on; nobody waits for that.
      else iterator.return?.()?.catch(() => {})
    }
    return { next: () => iterator.next(), abandon }
  }
  const reader = stream.getReader()
  return { next: () => reader.read(), abandon: () => reader.cancel().catch(() => {}) }
}
