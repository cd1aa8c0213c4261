const { parseArgs } = require('node:util')
const { UsageError } = require('./failure.js')
const { similar } = require('./similar.js')
const { convert } = require('./values.js')

/** The command that the words begin with: `put`, `policy bucket`. */
function readCommand(words, commands) {
  const named = commands.find(({ name }) => name.split(' ').every((part, index) => words[index] === part))
  if (named) return named
  const [first, second] = words
  const members = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name)
  if (members.length > 0) {
    const wrong = second === undefined || second.startsWith('-') ? '' : `, not ${second}`
    throw new UsageError(`stateseal ${first} is one of ${members.join(', ')}${wrong}`, {
      hint: `See stateseal ${members[0]} --help`,
    })
  }
  if (first.startsWith('-')) {
    throw new UsageError(`The command comes first, before ${nameOf(first)}`, { hint: 'See stateseal --help' })
  }
  const names = commands.map(({ name }) => name.split(' ')[0])
  throw new UsageError(`${first} is not a command${similar(first, names)}`, { hint: 'See stateseal --help' })
}

/** `{ values, positionals }`: values by flag, converted. */
function readArguments(args, command) {
  const known = new Map(command.options.map((option) => [option.flag, option]))
  const { tokens, positionals } = parseArgs({ args, options: forNode(known), ...LENIENT })
  const texts = new Map()
  const values = {}
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = known.get(token.name)
    if (option === undefined) values[negated(token, known)] = false
    else if (option.type === 'boolean') values[option.flag] = isTrue(token)
    else texts.set(option.flag, [...(texts.get(option.flag) ?? []), textOf(token)])
  }
  for (const [flag, given] of texts) values[flag] = convert(known.get(flag), given, `--${flag}`)
  return { values, positionals }
}

// Unknown options and missing values get errors of our own, which repeat no value.
const LENIENT = { strict: false, tokens: true, allowPositionals: true }

function forNode(known) {
  const options = {}
  for (const { flag, type, short } of known.values()) {
    options[flag] = { type: type === 'boolean' ? 'boolean' : 'string', ...(short && { short }) }
  }
  return options
}

function negated({ name, rawName, value }, known) {
  const positive = name.startsWith('no-') ? name.slice(3) : undefined
  if (positive && known.get(positive)?.type === 'boolean' && value === undefined) return positive
  if (name === 'sse-customer-key') {
    throw new UsageError('A key on the command line can be read by everybody on this machine', {
      hint: 'Give --sse-customer-key-file or set STATESEAL_SSE_CUSTOMER_KEY, and use another key from now on',
    })
  }
  throw new UsageError(`${rawName} is not an option${similar(name, [...known.keys()], '--')}`, {
    hint: 'See --help for those that there are',
  })
}

function isTrue({ rawName, value }) {
  if (value === undefined || value === 'true') return true
  if (value === 'false') return false
  throw new UsageError(`${rawName} takes no value but true or false`)
}

function textOf({ rawName, value, inlineValue }) {
  // Else an option without its value would swallow the next one.
  const isOption = !inlineValue && value?.length > 1 && value.startsWith('-')
  if (value === undefined || isOption) {
    throw new UsageError(`${rawName} needs a value`, { hint: `One that begins with - is written ${rawName}=-…` })
  }
  if (value === '') throw new UsageError(`${rawName} is empty`, { hint: 'Give a value or leave it out' })
  return value
}

function nameOf(word) {
  return word.split('=')[0]
}

module.exports = { readArguments, readCommand }
