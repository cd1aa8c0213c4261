const { styleText } = require('node:util')

/** Whether to colour what is written to `stream`: as Node itself decides, FORCE_COLOR beats NO_COLOR. */
function hasColors(stream, env = process.env) {
  const { FORCE_COLOR, NO_COLOR, TERM } = env
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return stream.isTTY === true && !NO_COLOR && TERM !== 'dumb'
}

/** A function `(style, text)` that colours where the stream's reader can see it. */
function paint(stream) {
  const isColoured = hasColors(stream)
  return (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text)
}

/**
 * Text of others (names, messages of S3) without what would move a terminal's cursor. `except` may
 * stand.
 */
function clean(text, except = '') {
  return String(text).replace(/\p{Cc}/gu, (character) =>
    except.includes(character) ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** Labels and values in two columns; rows whose value is missing are left out. */
function table(rows, colour) {
  const shown = rows.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(0, ...shown.map(([label]) => label.length))
  return shown.map(([label, value]) => `  ${colour('dim', clean(label).padEnd(width))}  ${clean(value)}\n`).join('')
}

module.exports = { clean, hasColors, paint, table }
