const { toBytes } = require('./body.js')

/**
 * Feeds a stream to a prepared upload that is being sent, and resolves to the upload's outcome. A
 * stream that fails stops the upload, and its own error is thrown.
 */
async function feed(prepared, stream, sending) {
  const reader = open(stream)
  let failure
  const feeding = pump(prepared, reader).catch((error) => {
    failure = { error }
    prepared.cancel()
    reader.abandon()
  })
  const outcome = await sending
  if (failure) throw failure.error
  // The upload may be over long before a stream that is slow.
  if (outcome.error) reader.abandon()
  else await feeding
  return outcome
}

/** Closes a stream that nobody has begun to read. */
function release(stream) {
  open(stream).abandon()
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
    const abandon = quietly(() => {
      if (typeof stream.destroy === 'function') return stream.destroy()
      // A generator that is waiting ends when it goes on; nobody waits for that.
      return iterator.return?.()
    })
    return { next: () => iterator.next(), abandon }
  }
  const reader = stream.getReader()
  return { next: () => reader.read(), abandon: quietly(() => reader.cancel()) }
}

/** What comes of the clean-up of a stream does not count: the upload has an outcome of its own. */
function quietly(cleanUp) {
  return () => {
    new Promise((resolve) => resolve(cleanUp())).catch(() => {})
  }
}

module.exports = { feed, release }
