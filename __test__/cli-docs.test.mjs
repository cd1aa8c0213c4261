// docs/cli.md, --help and the list of options say the same.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { cli } from './support/cli.mjs'

const require = createRequire(import.meta.url)
const { COMMANDS } = require('../bin/commands.js')
const { COMMON, CONNECTION, ENCRYPTION, OBJECT, TRANSFER, variableOf } = require('../bin/options.js')
const { FILES } = require('../bin/config-file.js')

// The formatter pads the cells of a table; that says nothing.
const unpadded = (text) => text.replace(/ +\|/g, ' |').replace(/\| -+/g, '| -')
const docs = unpadded(readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8'))
const SHARED = [
  ['Encryption', ENCRYPTION],
  ['The object', OBJECT],
  ['The transfer', TRANSFER],
  ['The connection', CONNECTION],
  ['General', COMMON],
]

/** The section of the document below a heading, whatever its depth. */
function section(heading) {
  const [, text] = docs.split(new RegExp(`^#+ ${heading}\n`, 'm'))
  assert.ok(text, `docs/cli.md has no section ${heading}`)
  return text.split(/^#/m)[0]
}

/** The table of these options, as the document must have it. */
function table(options) {
  const rows = options.map((option) => {
    const { flag, short, value, setting, encryption, help } = option
    const name = [`\`--${flag}${value ? ` ${value}` : ''}\``, short && `\`-${short}\``].filter(Boolean).join(', ')
    const inFile = encryption ? `\`encryption.${encryption}\`` : setting ? `\`${setting}\`` : ''
    const variable = variableOf(option) ? `\`${variableOf(option)}\`` : ''
    return `| ${[name, inFile, variable, help].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return unpadded(['| Option | In a file | Variable | Meaning |', '| - | - | - | - |', ...rows].join('\n'))
}

test('no command has an option twice', () => {
  for (const { name, options } of COMMANDS) {
    assert.equal(new Set(options.map(({ flag }) => flag)).size, options.length, name)
  }
})

test('the document has every option, as the command has it', () => {
  for (const [heading, options] of SHARED) assert.ok(section(heading).includes(table(options)), `\n${table(options)}`)
  for (const { name, usage, summary, options, examples } of COMMANDS) {
    const text = section(`\`stateseal ${name}\``)
    // Of some groups a command takes only a few options; then they stand in its own table.
    const groups = SHARED.filter(([, group]) => group.every((option) => options.includes(option)))
    const shared = groups.flatMap(([, group]) => group)
    const own = options.filter((option) => !shared.includes(option))
    assert.ok(text.includes(table(own)), `${name}\n${table(own)}`)
    assert.ok(text.includes(summary) && text.includes(['stateseal', name, usage].filter(Boolean).join(' ')), name)
    for (const [example] of examples) assert.ok(text.includes(example), example)
    const links = groups.map(([title]) => `[${title.toLowerCase()}](#${title.toLowerCase().replaceAll(' ', '-')})`)
    assert.ok(text.includes(`Also: ${links.join(', ')}.`), `${name}: Also: ${links.join(', ')}.`)
  }
})

test('the document names no option that there is not', async (t) => {
  const inHelp = new Set()
  for (const { name } of COMMANDS) {
    const { stdout } = await cli(t, [...name.split(' '), '--help'])
    for (const [, flag] of stdout.matchAll(/^ {2}(--[a-z-]+)/gm)) inHelp.add(flag)
  }
  const listed = new Set(COMMANDS.flatMap(({ options }) => options.map(({ flag }) => `--${flag}`)))
  assert.deepEqual([...inHelp].sort(), [...listed].sort(), '--help and the list of options')
  const inDocs = new Set([...docs.matchAll(/--[a-z][a-z-]+/g)].map(([flag]) => flag))
  for (const flag of listed) inDocs.delete(flag)
  for (const { options } of COMMANDS) {
    for (const { flag, type } of options) if (type === 'boolean') inDocs.delete(`--no-${flag}`)
  }
  assert.deepEqual([...inDocs], [])
  const variables = new Set([...docs.matchAll(/STATESEAL_[A-Z_]+[A-Z]/g)].map(([name]) => name))
  for (const { options } of COMMANDS) for (const option of options) variables.delete(variableOf(option))
  assert.deepEqual([...variables], [])
  for (const file of FILES) assert.ok(docs.includes(`\`${file}\``), file)
})
