const { types } = require('node:util')
const { view } = require('./copy.js')

// Bytes above this are copied piece by piece, when they are sent: a copy of all would double the memory.
const COPIED = 5 * 1024 * 1024

// The event loop waits for one to be copied.
const PIECE = 1024 * 1024

/**
 * A body in memory: `bytes` for the addon to copy at once, or, where they are many, `stream` over what
 * stays the caller's, and its `length`. The addon never keeps a pointer to memory of JavaScript, which
 * can be transferred and resized.
 */
module.exports.takeBytes = function takeBytes(bytes) {
  if (bytes.length > COPIED) return { stream: pieces(bytes), length: bytes.length }
  // Other threads can change shared memory while the addon reads it.
  return { bytes: types.isSharedArrayBuffer(bytes.buffer) ? bytes.slice() : bytes }
}

async function* pieces({ buffer, byteOffset, length }) {
  for (let at = 0; at < length; at += PIECE) {
    const piece = view(buffer, byteOffset + at, Math.min(PIECE, length - at), 'Body')
    yield types.isSharedArrayBuffer(buffer) ? piece.slice() : piece
  }
}
