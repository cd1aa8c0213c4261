// Encryption as the SDK's fields and as S3's headers: two spellings of one thing.
const HEADERS = {
  ServerSideEncryption: 'x-amz-server-side-encryption',
  SSEKMSKeyId: 'x-amz-server-side-encryption-aws-kms-key-id',
  SSEKMSEncryptionContext: 'x-amz-server-side-encryption-context',
  BucketKeyEnabled: 'x-amz-server-side-encryption-bucket-key-enabled',
  SSECustomerAlgorithm: 'x-amz-server-side-encryption-customer-algorithm',
  SSECustomerKey: 'x-amz-server-side-encryption-customer-key',
  SSECustomerKeyMD5: 'x-amz-server-side-encryption-customer-key-md5',
}
const FIELDS = Object.keys(HEADERS)
const CUSTOMER_FIELDS = FIELDS.filter((field) => field.startsWith('SSECustomer'))

const isSet = (value) => value !== undefined && value !== null

/** What of an operation's input says which object it is about, and how that is to be encrypted. */
function objectOf(input) {
  const params = { Bucket: input.Bucket, Key: input.Key }
  for (const field of [...FIELDS, 'ExpectedBucketOwner']) {
    if (isSet(input[field])) params[field] = input[field]
  }
  return params
}

/** What an SDK's output says of encryption. */
function pickFields(output) {
  return Object.fromEntries(FIELDS.filter((field) => isSet(output[field])).map((field) => [field, once(output[field])]))
}

/** A header that a server sends twice with one value, as SeaweedFS does with SSE-C, says one thing. */
function once(value) {
  return typeof value === 'string' ? [...new Set(value.split(', '))].join(', ') : value
}

/** The input with the encryption fields `params` and no others. */
function withFields(input, params) {
  const changed = { ...input }
  for (const field of FIELDS) delete changed[field]
  return Object.assign(changed, withRawKey(params))
}

/**
 * The customer key as bytes: SDK v2 and the first releases of v3 encode each string as base64,
 * whether it is base64 already or not.
 */
function withRawKey({ SSECustomerKey, ...params }) {
  return SSECustomerKey === undefined ? params : { ...params, SSECustomerKey: Buffer.from(SSECustomerKey, 'base64') }
}

/** The fields of SSE-C under the names that they have for the source of a copy. */
function sourceFields(params) {
  return Object.fromEntries(Object.entries(withRawKey(params)).map(([field, value]) => [`CopySource${field}`, value]))
}

const namesCustomerKey = (input) => CUSTOMER_FIELDS.some((field) => isSet(input[field]))
const namesSourceKey = (input) => CUSTOMER_FIELDS.some((field) => isSet(input[`CopySource${field}`]))

/** Fields, by the headers that stand for them. */
function fieldsOfHeaders(headers) {
  const fields = {}
  for (const [field, header] of Object.entries(HEADERS)) {
    if (isSet(headers[header]))
      fields[field] = field === 'BucketKeyEnabled' ? headers[header] === 'true' : headers[header]
  }
  return fields
}

/** The headers of the customer keys that an input has and the next one has not. */
function droppedHeaders(input, next) {
  const dropped = (prefix) =>
    CUSTOMER_FIELDS.filter((field) => isSet(input[prefix + field]) && !isSet(next[prefix + field]))
  return [
    ...dropped('').map((field) => HEADERS[field]),
    ...dropped('CopySource').map((field) => sourceHeader(HEADERS[field])),
  ]
}

const sourceHeader = (name) => name.replace('x-amz-', 'x-amz-copy-source-')

/** The headers with `encryption` and no other encryption headers. */
function withHeaders(headers, encryption) {
  const names = Object.values(HEADERS)
  const kept = Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase()))
  return { ...Object.fromEntries(kept), ...encryption }
}

/** The headers of SSE-C under the names that they have for the source of a copy. */
function sourceHeaders(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [sourceHeader(name), value]))
}

module.exports = {
  droppedHeaders,
  fieldsOfHeaders,
  namesCustomerKey,
  namesSourceKey,
  objectOf,
  pickFields,
  sourceFields,
  sourceHeaders,
  withFields,
  withHeaders,
}
