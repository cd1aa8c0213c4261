const { binding } = require('./binding.js')

let line
let last = 0
const waiting = new Map()

function done(id, answer) {
  const settle = waiting.get(id)
  waiting.delete(id)
  if (waiting.size === 0) line.release()
  settle(answer)
}

/**
 * Makes a call that the addon answers later: `call(line, id)`. Resolves to the answer. Until then the
 * process does not end of itself.
 */
module.exports.ask = function ask(call) {
  line ??= new (binding().Line)(done)
  return new Promise((resolve, reject) => {
    last = (last + 1) >>> 0
    call(line, last)
    if (waiting.size === 0) line.hold()
    waiting.set(last, (answer) => {
      if (answer === null) reject(new Error('The upload broke off: a defect of stateseal'))
      else resolve(JSON.parse(answer))
    })
  })
}
