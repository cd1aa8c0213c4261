const { argumentError } = require('./errors.js')
const { read } = require('./copy.js')
const { toPath } = require('./path.js')
const { messageOf } = require('./thrown.js')
const { warn } = require('./warnings.js')

const REMEDY = "Give a function that takes the record, or { file: '…' }"

/** Where audit records go: a function of the record. */
function auditSink(audit) {
  if (typeof audit === 'function') return audit
  if (typeof audit !== 'object' || Array.isArray(audit)) {
    throw argumentError('InvalidParameterType', 'audit', `must not be a ${typeof audit}`, REMEDY)
  }
  const file = toPath(read(audit, 'file', 'audit.file'), 'audit.file')
  return (record) => append(file, `${JSON.stringify(record)}\n`)
}

/**
 * One write to a file that is opened for appending: the lines of several processes stay whole.
 */
async function append(file, line) {
  const { open } = require('node:fs/promises')
  const handle = await open(file, 'a', 0o600)
  try {
    const { bytesWritten } = await handle.write(line)
    if (bytesWritten < Buffer.byteLength(line)) throw new Error('the disk is full')
  } finally {
    await handle.close()
  }
}

/** Hands the addon's record to the sink. A sink that fails is told of, and the upload goes on. */
async function tellAudit(sink, record) {
  if (!record) return
  try {
    await sink({ ...record, timeStart: time(record.timeStart), timeEnd: time(record.timeEnd) })
  } catch (error) {
    warn({ code: 'STATESEAL_AUDIT', message: `The audit record could not be written: ${messageOf(error)}` })
  }
}

const time = (milliseconds) => new Date(milliseconds).toISOString()

module.exports = { auditSink, tellAudit }
