/** Throws the error on with its hint in the message, for hosts that show only that. */
function withHint(error) {
  const { message, hint } = Object(error)
  if (hint && !message.includes(hint)) {
    error.message = `${message}${/[.!?]$/.test(message) ? '' : '.'} ${hint}`
  }
  throw error
}

module.exports = { withHint }
