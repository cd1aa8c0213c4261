const { COMMANDS } = require('./commands.js')
const { COMMON, CONNECTION, ENCRYPTION, OBJECT, TRANSFER, variableOf } = require('./options.js')
const { paint } = require('./style.js')

const GROUPS = [
  ['Encryption', ENCRYPTION],
  ['The object', OBJECT],
  ['The transfer', TRANSFER],
  ['The connection', CONNECTION],
  ['General', COMMON],
]

const WIDTH = 100

/** What `stateseal --help` prints. */
function overview() {
  const colour = paint(process.stdout)
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const list = COMMANDS.map(({ name, summary }) => `  ${colour('cyan', name.padEnd(width))}  ${summary}\n`)
  return `stateseal: deployment state into S3, encrypted and verified

${colour('bold', 'Usage')}
  stateseal <command> [options]

${colour('bold', 'Commands')}
${list.join('')}
  stateseal <command> --help shows the options of a command, stateseal --version the version.

${colour('bold', 'Examples')}
${COMMANDS.map(({ examples }) => `  ${examples[0][0]}\n`).join('')}
${colour('bold', 'Settings')}
${wrap(SETTINGS, 2)}
${colour('bold', 'Exit codes')}
  0  fine
  1  a problem was found, or S3 refused
  2  the command line, a setting or a file is wrong; nothing was sent
`
}

const SETTINGS =
  'come from the options, then from STATESEAL_… variables, then from a stateseal key in serverless.yml (there or ' +
  'below custom), serverless-compose.yml or package.json of the working directory. What none of them sets comes ' +
  'from AWS_… variables and the profile, as everywhere with AWS.'

/** What `stateseal <command> --help` prints. */
function help(command) {
  const colour = paint(process.stdout)
  const grouped = new Set(GROUPS.flatMap(([, options]) => options))
  const groups = [['Options', command.options.filter((option) => !grouped.has(option))]].concat(
    GROUPS.map(([title, options]) => [title, command.options.filter((option) => options.includes(option))]),
  )
  const shown = groups.filter(([, options]) => options.length > 0)
  const sections = shown.map(
    ([title, options]) => `${colour('bold', title)}\n${options.map((o) => line(o, colour)).join('')}`,
  )
  const examples = command.examples.map(([text, note]) => `  ${text}\n${note ? colour('dim', `      ${note}\n`) : ''}`)
  const usage = ['stateseal', command.name, command.usage, '[options]'].filter(Boolean).join(' ')
  return `${command.summary}

${colour('bold', 'Usage')}
  ${usage}

${sections.join('\n')}
${colour('bold', 'Examples')}
${examples.join('')}`
}

const COLUMN = 36

function line(option, colour) {
  const { flag, short, value, help: text } = option
  const name = `--${flag}${value ? ` ${value}` : ''}${short ? `, -${short}` : ''}`
  const variable = variableOf(option)
  const meaning = wrap(`${text}${variable ? ` [${variable}]` : ''}`, COLUMN).trimStart()
  const left = `  ${colour('cyan', name)}`
  if (name.length + 4 > COLUMN) return `${left}\n${' '.repeat(COLUMN)}${meaning}`
  return `${left}${' '.repeat(COLUMN - name.length - 2)}${meaning}`
}

/** Text in lines of at most WIDTH characters, each indented. */
function wrap(text, indent) {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line && indent + line.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = line ? `${line} ${word}` : word
  }
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('')
}

module.exports = { help, overview }
