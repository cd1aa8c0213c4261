const { explainPolicy } = require('../../index.js')
const { asOptions, describe } = require('../encryption-text.js')
const { print } = require('../output.js')
const { readRequest } = require('../policy-request.js')
const { clean, table } = require('../style.js')

// A bucket without a policy objects to nothing.
const NOTHING = { verdict: 'no-deny', denySids: [], unknownSids: [], statements: [], remedy: null }

/** `stateseal explain` */
module.exports.execute = async function execute({ values, positionals, settings }) {
  const { policy, request, report } = await readRequest({ values, positionals, settings })
  const told = policy === null ? NOTHING : explainPolicy(policy, request)
  const isProblem = told.verdict === 'explicit-deny' || (values.strict && told.verdict === 'unknown')
  return print(values, told, (_, colour) => show(told, { request, report }, colour), isProblem ? 1 : 0)
}

const VERDICTS = {
  'explicit-deny': ['red', '✘ The policy denies it'],
  unknown: ['yellow', '? It depends on what cannot be known here'],
  allow: ['green', '✔ The policy allows it'],
  'no-deny': ['green', "✔ The policy does not object; the caller's own policies must allow it"],
}

function show(told, { request, report }, colour) {
  const { verdict, denySids, unknownSids, statements, remedy } = told
  const [style, sentence] = VERDICTS[verdict]
  const rows = [
    ['request', `${request.operation ?? 'PutObject'} s3://${request.bucket}/${request.key}`],
    ['encryption', asked(request, report)],
    ['denied by', denySids.join(', ')],
    ['undecided', unknownSids.join(', ')],
    ['remedy', remedy ?? undefined],
  ]
  const list = statements.map((statement) => showStatement(statement, colour)).join('')
  const head = `${colour(style, sentence)}\n${table(rows, colour)}`
  return list ? `${head}\n${list}` : `${head}  The policy has no statement.\n`
}

function asked({ headers, encryption, stage }, report) {
  if (report) return describe(report)
  if (encryption !== undefined) return asOptions(encryption, stage)
  const names = Object.keys(headers ?? {}).filter((name) => /server-side-encryption/i.test(name))
  return names.join(', ') || 'no header'
}

const MARKS = { true: ['yellow', '●'], false: ['dim', '○'], unknown: ['yellow', '?'] }

function showStatement({ sid, effect, applies, reason }, colour) {
  const [style, mark] = MARKS[applies]
  const shade = applies === true ? (effect === 'Deny' ? 'red' : 'green') : style
  return `  ${colour(shade, mark)} ${colour('bold', clean(sid))} ${effect}\n    ${clean(reason)}\n`
}
