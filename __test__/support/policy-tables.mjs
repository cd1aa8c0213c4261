// The tables of docs/policies.md, from the policies that stand there. `npm run docs` writes them.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { enforcementPolicy, explainPolicy, suggestEncryption } from 'stateseal'

export const doc = fileURLToPath(new URL('../../docs/policies.md', import.meta.url))

const BUCKET = 'amzn-s3-demo-bucket'
const ID = '01234567-89ab-cdef-0123-456789abcdef'
const ACCOUNT = 'arn:aws:kms:us-east-1:111122223333'
const kms = (sseKMSKeyId, serverSideEncryption = 'aws:kms') => ({ serverSideEncryption, sseKMSKeyId })

/** What an upload may ask for, in the words of the tables. */
const UPLOADS = [
  ['no header (`bucket-default`)', 'bucket-default'],
  ['`AES256`', 'AES256'],
  ['`aws:kms` without a key', 'aws:kms'],
  ['`aws:kms`, ARN of the right key', kms(`${ACCOUNT}:key/${ID}`)],
  ['`aws:kms`, ARN of another key', kms(`${ACCOUNT}:key/99999999-9999-9999-9999-999999999999`)],
  ['`aws:kms`, id of the right key', kms(ID)],
  ['`aws:kms`, alias of the right key', kms('alias/state')],
  ['`aws:kms:dsse`, ARN of the right key', kms(`${ACCOUNT}:key/${ID}`, 'aws:kms:dsse')],
  ['SSE-C', { sseCustomerAlgorithm: 'AES256' }],
]

/** Further rows, for policies that look at these condition keys. */
const CONNECTIONS = [
  ['aws:SecureTransport', 'the least intrusive, over http', { 'aws:SecureTransport': 'false' }],
  ['s3:TlsVersion', 'the least intrusive, over TLS 1.2', { 's3:TlsVersion': '1.2' }],
  ['s3:TlsVersion', 'the least intrusive, over TLS 1.1', { 's3:TlsVersion': '1.1' }],
]

function row(policy, name, encryption, context) {
  const request = { bucket: BUCKET, key: 'prod/state.json', encryption }
  const { verdict, denySids, unknownSids } = explainPolicy(policy, request, context)
  const by = (sids) => sids.map((sid) => `\`${sid}\``).join(', ')
  const told = {
    'no-deny': '**passes**',
    allow: '**passes**',
    'explicit-deny': `denied by ${by(denySids)}`,
    unknown: `cannot be promised: ${by(unknownSids)}`,
  }
  return [name, told[verdict]]
}

function table(policy) {
  const [best] = suggestEncryption(policy, { bucket: BUCKET, key: 'prod/state.json' })
  const text = JSON.stringify(policy)
  const connections = CONNECTIONS.filter(([key]) => text.includes(key))
  const setting = (value) => `\`encryption: ${JSON.stringify(value)}\``
  const pattern = best?.keyPattern ? `, with a key that matches \`${best.keyPattern}\`` : ''
  const rows = [
    ...UPLOADS.map(([name, encryption]) => row(policy, name, encryption)),
    ...connections.map(([, name, context]) => row(policy, name, best?.encryption, context)),
  ]
  return [
    ...aligned(['Upload', 'Verdict'], rows),
    '',
    best ? `Least intrusive: ${setting(best.encryption)}${pattern}.` : 'Nothing passes.',
  ].join('\n')
}

/** JSON as the formatter wants it: lists of texts on one line. */
function pretty(value) {
  const inline = (_, items) => `[${items.replace(/,\s+/g, ', ')}]`
  return JSON.stringify(value, null, 2).replace(/\[\s+("[^"]*"(?:,\s+"[^"]*")*)\s+\]/g, inline)
}

/** The lines of a table as the formatter wants them. */
function aligned(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column].length)))
  const rule = widths.map((width) => '-'.repeat(width))
  return [head, rule, ...rows].map((cells) => `| ${cells.map((cell, n) => cell.padEnd(widths[n])).join(' | ')} |`)
}

// A policy in the text, perhaps with the call that generates it, and the place of its table.
const SECTION =
  /(?:<!-- enforcementPolicy\((?<options>.*?)\) -->\n)?```json\n(?<policy>.*?)\n```\n\n<!-- uploads -->\n(?<table>.*?)<!-- end -->/gs

/** The text with every generated policy and every table as they are today; how many there are. */
export function render(text) {
  let count = 0
  const rendered = text.replace(SECTION, (...match) => {
    const { options, policy: written } = match.at(-1)
    const policy = options ? enforcementPolicy(JSON.parse(options)) : JSON.parse(written)
    const call = options ? `<!-- enforcementPolicy(${options}) -->\n` : ''
    const json = options ? pretty(policy) : written
    count++
    return `${call}\`\`\`json\n${json}\n\`\`\`\n\n<!-- uploads -->\n${table(policy)}\n<!-- end -->`
  })
  return { rendered, count }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(doc, render(readFileSync(doc, 'utf8')).rendered)
}
