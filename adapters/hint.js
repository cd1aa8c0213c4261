/** The message of an error, with its hint where it does not say that already. */
function told({ message, hint }) {
  return hint && !message.includes(hint) ? `${message}${/[.!?]$/.test(message) ? '' : '.'} ${hint}` : message
}

/** Throws the error on with its hint in the message, for hosts that show only that. */
function withHint(error) {
  if (Object(error).hint) error.message = told(error)
  throw error
}

module.exports = { told, withHint }
