const told = new Set()

/** Warns the process, once for each message. */
module.exports.warn = function warn({ code, message }) {
  if (told.has(message)) return
  told.add(message)
  process.emitWarning(message, { type: 'StatesealWarning', code })
}
