const { types } = require('node:util')
const { view } = require('./copy.js')

// Bytes above this are copied piece by piece, when they are sent: a copy of all would double the memory.
const COPIED = 5 * 1024 * 1024

/**
 * A body in memory: `bytes` for the addon to copy at once or, where they are many, `lent`, which stays
 * the caller's. The addon never keeps a pointer to memory of JavaScript, which can be transferred and
 * resized.
 */
function takeBytes(bytes) {
  const { buffer, byteOffset, length } = bytes
  // Noted now: of memory that has gone a view says that it is empty.
  if (length > COPIED) return { lent: { buffer, byteOffset, length }, length }
  // Other threads can change shared memory while the addon reads it.
  return { bytes: types.isSharedArrayBuffer(buffer) ? bytes.slice() : bytes }
}

/** Lent bytes as a stream of pieces that have `size` bytes. */
async function* pieces({ buffer, byteOffset, length }, size) {
  for (let at = 0; at < length; at += size) {
    const piece = view(buffer, byteOffset + at, Math.min(size, length - at), 'Body')
    yield types.isSharedArrayBuffer(buffer) ? piece.slice() : piece
  }
}

module.exports = { pieces, takeBytes }
