const { checkBucket } = require('../../index.js')
const { describe, onOff } = require('../encryption-text.js')
const { print } = require('../output.js')
const { untilStopped } = require('../stop.js')
const { clean, table } = require('../style.js')
const { readTarget } = require('../target.js')

/** `stateseal check` */
module.exports.execute = async function execute({ values, positionals, settings }) {
  const { bucket, config } = settings
  const { Bucket, Key } = readTarget(positionals[0], { bucket, key: values.key, optional: true })
  const { probe, strict } = values
  const ask = () => checkBucket({ ...config, bucket: Bucket, key: Key, probe })
  // A probe is deleted again before the process ends.
  const told = await (probe ? untilStopped(ask) : ask())
  const isUncertain = told.findings.some(({ status, permission }) => status === 'warning' || permission !== undefined)
  return print(values, told, show, told.ok && !(strict && isUncertain) ? 0 : 1)
}

const MARKS = {
  ok: ['green', '✔'],
  warning: ['yellow', '!'],
  problem: ['red', '✘'],
  skipped: ['dim', '–'],
}

function show({ bucket, region, encryption, findings }, colour) {
  const title = `${colour('bold', clean(bucket))} in ${clean(region)}\n`
  const upload = encryption && [
    ['encryption', describe(encryption)],
    ['key', encryption.requested.SSEKMSKeyId],
    ['bucket key', onOff(encryption.requested.BucketKeyEnabled)],
  ]
  const width = Math.max(0, ...findings.map(({ id }) => id.length))
  const list = findings.map((finding) => showFinding(finding, width, colour)).join('')
  return `${title}${table(upload ?? [], colour)}\n${list}\n${summary(findings, colour)}\n`
}

function showFinding({ id, status, message, remedy, permission }, width, colour) {
  const [style, mark] = MARKS[status]
  const indent = ' '.repeat(width + 6)
  const more = [permission && `needs ${permission}`, remedy].filter(Boolean)
  const lines = more.map((line) => `${indent}${colour('cyan', '→')} ${clean(line)}\n`)
  return `  ${colour(style, mark)} ${id.padEnd(width)}  ${clean(message)}\n${lines.join('')}`
}

function summary(findings, colour) {
  const count = (wanted) => findings.filter(({ status }) => status === wanted).length
  const parts = Object.keys(MARKS).map((status) => [status, count(status)])
  const shown = parts.filter(([, number]) => number > 0)
  return shown.map(([status, number]) => colour(MARKS[status][0], `${number} ${status}`)).join(', ')
}
