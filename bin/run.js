const { COMMANDS } = require('./commands.js')
const { help, overview } = require('./help.js')
const { UsageError, exitCode, report } = require('./failure.js')
const { readArguments, readCommand } = require('./arguments.js')
const { readSettings } = require('./settings.js')
const { showWarnings } = require('./notice.js')
const manifest = require('../package.json')

/** Not every reader reads to the end (`stateseal … | head`), and a disk may be full. */
function onUnwritten({ code }) {
  if (code === 'EPIPE') return
  process.on('exit', () => {
    process.exitCode = 1
  })
}

/** Runs one command line, and sets the exit code: 0 fine, 1 a problem or a refusal, 2 wrong usage. */
module.exports.run = async function run(args) {
  process.stdout.on('error', onUnwritten)
  process.stderr.on('error', onUnwritten)
  showWarnings()
  // Needed to report an error, and an error may be in what follows them.
  const switches = { json: args.includes('--json'), verbose: args.includes('--verbose') }
  try {
    process.exitCode = await dispatch(args)
  } catch (error) {
    report(error, switches)
    process.exitCode = exitCode(error)
  }
}

async function dispatch(args) {
  const [name, ...rest] = args
  if (name === undefined) {
    process.stderr.write(overview())
    return 2
  }
  if (name === '--version' || name === '-V') return print(`${manifest.version}\n`)
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) return print(overview())
  if (name === 'help') return print(help(readCommand(rest, COMMANDS)))
  const command = readCommand(args, COMMANDS)
  const { values, positionals } = readArguments(args.slice(command.name.split(' ').length), command)
  if (values.help) return print(help(command))
  if (values.version) return print(`${manifest.version}\n`)
  if (positionals.length > command.operands) {
    // An operand may be a secret that went astray, so it is not repeated.
    throw new UsageError(`stateseal ${command.name} takes no more than ${command.usage || 'options'}`, {
      hint: `See stateseal ${command.name} --help`,
    })
  }
  const { execute } = command.load()
  const settings = readSettings(command, values)
  try {
    return await execute({ values, positionals, settings })
  } catch (error) {
    error.place = settings.placeOf(error.setting)
    throw error
  }
}

function print(text) {
  process.stdout.write(text)
  return 0
}
