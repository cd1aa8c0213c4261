// A stand-in for S3 that answers what a test wants and keeps what it was sent.
import http from 'node:http'
import { promisify } from 'node:util'
import { listen } from './listen.mjs'

export const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'not-a-real-secret' }
export const KEY_ID = '01234567-89ab-cdef-0123-456789abcdef'
export const KEY_ARN = `arn:aws:kms:us-east-1:111122223333:key/${KEY_ID}`

/** An error body as S3 writes it. */
export function xmlError(code, message = '', more = {}) {
  const elements = Object.entries({ Code: code, Message: message, ...more })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements.map(([k, v]) => `<${k}>${v}</${k}>`).join('')}</Error>`
}

/** The answer to GetBucketEncryption. */
export function encryptionXml({ algorithm = 'AES256', key = '', bucketKey = false, blocked = [] } = {}) {
  const id = key && `<KMSMasterKeyID>${key}</KMSMasterKeyID>`
  const types = blocked.map((type) => `<EncryptionType>${type}</EncryptionType>`).join('')
  return `<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>
<ApplyServerSideEncryptionByDefault><SSEAlgorithm>${algorithm}</SSEAlgorithm>${id}</ApplyServerSideEncryptionByDefault>
<BucketKeyEnabled>${bucketKey}</BucketKeyEnabled><BlockedEncryptionTypes>${types}</BlockedEncryptionTypes>
</Rule></ServerSideEncryptionConfiguration>`
}

/** The encryption headers that S3 would answer to these. */
export function applied(headers) {
  const reply = {}
  for (const name of ['', '-bucket-key-enabled', '-customer-algorithm', '-customer-key-md5']) {
    const header = `x-amz-server-side-encryption${name}`
    if (headers[header] !== undefined) reply[header] = headers[header]
  }
  const asked = headers['x-amz-server-side-encryption'] ?? headers['x-amz-server-side-encryption-customer-algorithm']
  if (asked === undefined) reply['x-amz-server-side-encryption'] = 'AES256'
  const key = headers['x-amz-server-side-encryption-aws-kms-key-id']
  if (key)
    reply['x-amz-server-side-encryption-aws-kms-key-id'] = key === KEY_ID || key.startsWith('alias/') ? KEY_ARN : key
  return reply
}

/** The answer to GetPublicAccessBlock. */
export function publicAccessXml(off = []) {
  const names = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']
  const settings = names.map((name) => `<${name}>${!off.includes(name)}</${name}>`)
  return `<PublicAccessBlockConfiguration>${settings.join('')}</PublicAccessBlockConfiguration>`
}

/** The answer to GetBucketOwnershipControls. */
export function ownershipXml(ownership) {
  return `<OwnershipControls><Rule><ObjectOwnership>${ownership}</ObjectOwnership></Rule></OwnershipControls>`
}

const DEFAULTS = {
  GetBucketEncryption: () => ({ body: encryptionXml() }),
  GetBucketPolicy: () => ({ status: 404, body: xmlError('NoSuchBucketPolicy') }),
  HeadBucket: () => ({}),
  GetBucketVersioning: () => ({ body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>' }),
  GetPublicAccessBlock: () => ({ body: publicAccessXml() }),
  GetBucketOwnershipControls: () => ({ body: ownershipXml('BucketOwnerEnforced') }),
  GetBucketLocation: () => ({ body: '<LocationConstraint/>' }),
  ListObjectsV2: () => ({ body: '<ListBucketResult/>' }),
  GetObject: () => ({}),
  DeleteObject: () => ({ status: 204 }),
  DescribeKey: ({ body }) => ({
    body: JSON.stringify({
      KeyMetadata: {
        Arn: JSON.parse(body).KeyId,
        KeyState: 'Enabled',
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeyManager: 'CUSTOMER',
      },
    }),
  }),
  PutObject: ({ headers }) => ({ headers: { etag: '"e"', ...applied(headers) } }),
}

const BY_METHOD = { PUT: 'PutObject', HEAD: 'HeadBucket', DELETE: 'DeleteObject', POST: 'DescribeKey' }
const BY_QUERY = {
  policy: 'GetBucketPolicy',
  encryption: 'GetBucketEncryption',
  versioning: 'GetBucketVersioning',
  publicAccessBlock: 'GetPublicAccessBlock',
  ownershipControls: 'GetBucketOwnershipControls',
  location: 'GetBucketLocation',
  'list-type': 'ListObjectsV2',
}

function operationOf(method, url) {
  if (method === 'POST' && url.searchParams.has('uploads')) return 'CreateMultipartUpload'
  const query = Object.keys(BY_QUERY).find((name) => url.searchParams.has(name))
  return BY_METHOD[method] ?? BY_QUERY[query] ?? 'GetObject'
}

/**
 * Starts it. `answers` maps operations to functions of the request that return
 * `{ status, headers, body }`, or a promise of it; `'reset'` cuts the connection.
 *
 * `requests` holds `{ operation, method, path, headers, body }`; `count(operation)` counts;
 * `connections()` resolves to how many are open.
 */
export async function startMock(t, answers = {}) {
  const requests = []
  const server = http.createServer(async (request, response) => {
    const chunks = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    const { method, headers } = request
    const url = new URL(request.url, 'http://mock')
    const operation = operationOf(method, url)
    const seen = { operation, method, path: request.url, headers, body: Buffer.concat(chunks) }
    requests.push(seen)
    const answer = await (answers[operation] ?? DEFAULTS[operation])(seen)
    if (answer === 'reset') return request.socket.destroy()
    const { status = 200, body = '' } = answer
    response.writeHead(status, { 'x-amz-request-id': `R${requests.length}`, 'x-amz-id-2': 'I2', ...answer.headers })
    response.end(method === 'HEAD' ? undefined : body)
  })
  // On a busy machine five seconds pass between two requests, and a closed connection is a retry.
  server.keepAliveTimeout = 120_000
  const endpoint = await listen(t, server)
  return {
    endpoint,
    requests,
    answers,
    connections: () => promisify(server.getConnections.bind(server))(),
    count: (operation) => requests.filter((request) => request.operation === operation).length,
    puts: () => requests.filter((request) => request.operation === 'PutObject'),
    config: { endpoint, region: 'us-east-1', credentials, forcePathStyle: true, maxAttempts: 1 },
  }
}

/** When a request was signed, in milliseconds. */
export function signedAt({ headers }) {
  return Date.parse(headers['x-amz-date'].replace(/(..)(..)T(..)(..)(..)Z/, '-$1-$2T$3:$4:$5Z'))
}

/** The error of a call that must reject: never a synchronous throw. */
export async function rejection(call) {
  let promise
  try {
    promise = call()
  } catch (error) {
    throw new Error('threw synchronously', { cause: error })
  }
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('resolved')
}
