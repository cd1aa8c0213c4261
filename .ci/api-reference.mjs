// Writes docs/api.md from the type declarations: what an editor shows, to read in one place.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = createRequire(import.meta.url)('../package.json')
const FILE = path.join(root, 'docs/api.md')

/** The whole reference as Markdown. */
export function apiReference() {
  const entries = Object.entries(manifest.exports)
    .filter(([, { types }]) => types)
    .map(([name, { types }]) => ({ name: path.posix.join(manifest.name, name), file: path.join(root, types) }))
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [] }
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    options,
  )
  const checker = program.getTypeChecker()
  const chapters = entries.map(({ name, file }) => chapter(name, program.getSourceFile(file), checker))
  const begin =
    '# API reference\n\nWritten by `npm run docs` from the type declarations. What is not told here is as in the AWS SDK for JavaScript v3.\n'
  return `${[begin, contents(entries), ...chapters].join('\n')}`
}

function contents(entries) {
  return `${entries.map(({ name }) => `- [\`${name}\`](#${name.replace(/[^\w-]/g, '')})`).join('\n')}\n`
}

function chapter(name, source, checker) {
  const symbols = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source))
    .map((symbol) => resolve(symbol, checker))
  const sections = symbols.filter((symbol) => symbol.declarations?.length).map((symbol) => section(symbol, checker))
  return `## ${name}\n\n${sections.join('\n')}`
}

function resolve(symbol, checker) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function section(symbol, checker) {
  const [first] = symbol.declarations
  const members = memberNodes(first)
  const parts = [`### ${symbol.name}\n`, `${documentation(symbol, checker)}`]
  if (members.length > 0) {
    const heritage = (first.heritageClauses ?? []).map((clause) => ` ${text(clause)}`).join('')
    const kind = ts.isClassDeclaration(first) ? 'class' : 'interface'
    parts.push(code(`${kind} ${symbol.name}${parameters(first)}${heritage}`))
    parts.push(`${members.map((node) => member(node, checker)).join('\n')}\n`)
  } else {
    parts.push(code(symbol.declarations.map((node) => text(node).replace(/^export (declare )?/, '')).join('\n')))
  }
  return parts.filter(Boolean).join('\n')
}

/** Members that are told one by one; a short type is shown as it is written. */
function memberNodes(node) {
  if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) return [...node.members]
  return []
}

function parameters({ typeParameters }) {
  return typeParameters ? `<${typeParameters.map(text).join(', ')}>` : ''
}

function member(node, checker) {
  const symbol = node.name && checker.getSymbolAtLocation(node.name)
  const told = symbol ? documentation(symbol, checker).trim() : ''
  const signature = text(node).replace(/\s+/g, ' ')
  return `- \`${signature}\`${told ? `\n\n${told.replace(/^(?=.)/gm, '  ')}\n` : ''}`
}

function documentation(symbol, checker) {
  const parts = [links(ts.displayPartsToString(symbol.getDocumentationComment(checker)))]
  for (const { name, text: told } of symbol.getJsDocTags(checker)) {
    const words = links(ts.displayPartsToString(told)).trim()
    if (name === 'see') parts.push(`See ${words.startsWith('http') ? `<${words}>` : words}`)
    else if (name === 'example') parts.push(words.includes('```') ? words : code(words).trim())
    else parts.push(`\`@${name}\` ${words}`)
  }
  const all = parts.filter((part) => part.trim()).join('\n\n')
  return all && `${all}\n`
}

function links(words) {
  return words.replace(/\{@link ([^}|\s]+)[^}]*\}/g, '`$1`')
}

function text(node) {
  return node.getText()
}

function code(words) {
  return `\`\`\`ts\n${words}\n\`\`\`\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, apiReference())
