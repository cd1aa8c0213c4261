// The response of an SDK's handler: `{ statusCode, headers, body }`, the body unread.
const { Readable } = require('node:stream')
const { fieldsOfHeaders } = require('./fields.js')

/** What an SDK's output would say of encryption. */
function outputOf({ statusCode, headers }) {
  return {
    ...fieldsOfHeaders(headers),
    ETag: headers.etag,
    VersionId: headers['x-amz-version-id'],
    $metadata: metadataOf({ statusCode, headers }),
  }
}

function metadataOf({ statusCode, headers }) {
  return {
    httpStatusCode: statusCode,
    requestId: headers['x-amz-request-id'],
    extendedRequestId: headers['x-amz-id-2'],
    cfId: headers['x-amz-cf-id'],
  }
}

/** The body as text; the response can still be read by the SDK afterwards. */
async function readText(response) {
  const chunks = []
  for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk))
  const bytes = Buffer.concat(chunks)
  replaceBody(response, bytes)
  return bytes.toString()
}

function replaceBody(response, bytes) {
  response.body = Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false })
}

/** Lets go of a response that nobody will read. */
function discard({ body }) {
  if (typeof body?.resume === 'function') body.resume()
  else body?.cancel?.()
}

const isError = (xml) => /<Error>/.test(xml)

/** The refusal as the SDK would throw it, for its hint. */
function refusalOf(response, xml) {
  const element = (name) => fromXml(new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '')
  return { name: element('Code'), message: element('Message'), $metadata: metadataOf(response) }
}

/** Writes `hint` into the refusal, where the SDK finds it: as an element of its own, or in the message. */
function writeHint(response, xml, hint, place) {
  const told =
    place === 'message'
      ? xml.replace('</Message>', () => ` ${toXml(hint)}</Message>`)
      : xml.replace('</Error>', () => `<hint>${toXml(hint)}</hint></Error>`)
  const bytes = Buffer.from(told)
  replaceBody(response, bytes)
  if (response.headers['content-length'] !== undefined) response.headers['content-length'] = String(bytes.length)
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

function toXml(text) {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c])
}

function fromXml(text) {
  return Object.entries(ENTITIES).reduceRight((done, [c, entity]) => done.replaceAll(entity, c), text)
}

module.exports = { discard, isError, outputOf, readText, refusalOf, writeHint }
