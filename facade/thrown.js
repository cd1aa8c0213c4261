/** The message of what somebody else's code threw, which may be anything. */
module.exports.messageOf = function messageOf(thrown) {
  try {
    return String(thrown?.message ?? thrown)
  } catch {
    return 'something that has no text'
  }
}
