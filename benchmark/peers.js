// Each package that a user would pick, used as its own documentation says. `open(config)` gives
// `{ put(key, body), putFile?(key, path) }`; `body` is a Buffer.
const fs = require('node:fs')
const path = require('node:path')

// Only for whom it is needed: what a peer loads counts for it alone.
const agentOf = (secure, options) =>
  new (require(secure ? 'node:https' : 'node:http').Agent)({ keepAlive: true, ...options })

const BUCKET = 'bench'

module.exports = function peers(load) {
  const sdk = ({ endpoint, region, credentials, ca }) => {
    const { S3Client, PutObjectCommand } = load('@aws-sdk/client-s3')
    const requestHandler = ca ? { httpsAgent: agentOf(true, { ca, maxSockets: 50 }) } : undefined
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, requestHandler })
    return { client, PutObjectCommand }
  }
  const sse = { ServerSideEncryption: 'AES256' }
  return {
    stateseal({ endpoint, region, credentials, ca }) {
      const { uploadState } = require(path.join(__dirname, '..'))
      const config = { endpoint, region, credentials, forcePathStyle: true, encryption: 'AES256', ca }
      return {
        put: (Key, Body) => uploadState({ Bucket: BUCKET, Key, Body }, config),
        putFile: (Key, file) => uploadState({ Bucket: BUCKET, Key, Body: { path: file } }, config),
      }
    },
    '@aws-sdk/client-s3'(config) {
      const { client, PutObjectCommand } = sdk(config)
      const put = (Key, Body) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...sse }))
      return { put, putFile: (Key, file) => put(Key, fs.createReadStream(file)) }
    },
    '@aws-sdk/lib-storage'(config) {
      const { client } = sdk(config)
      const { Upload } = load('@aws-sdk/lib-storage')
      const put = (Key, Body) => new Upload({ client, params: { Bucket: BUCKET, Key, Body, ...sse } }).done()
      return { put, putFile: (Key, file) => put(Key, fs.createReadStream(file)) }
    },
    opendal({ endpoint, region, credentials, ca }) {
      if (ca) return undefined // It has no way to trust a CA.
      const { Operator } = load('opendal')
      const operator = new Operator('s3', {
        root: '/',
        bucket: BUCKET,
        endpoint,
        region,
        access_key_id: credentials.accessKeyId,
        secret_access_key: credentials.secretAccessKey,
        server_side_encryption: 'AES256',
      })
      return {
        put: (key, body) => operator.write(key, body),
        async putFile(key, file) {
          const writer = await operator.writer(key, { chunk: 8n * 1024n * 1024n })
          for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) await writer.write(chunk)
          await writer.close()
        },
      }
    },
    minio({ endpoint, region, credentials, ca }) {
      const { Client } = load('minio')
      const { hostname, port, protocol } = new URL(endpoint)
      const useSSL = protocol === 'https:'
      const client = new Client({
        endPoint: hostname,
        port: Number(port),
        useSSL,
        region,
        accessKey: credentials.accessKeyId,
        secretKey: credentials.secretAccessKey,
        pathStyle: true,
        transportAgent: agentOf(useSSL, { ca }),
      })
      const headers = { 'x-amz-server-side-encryption': 'AES256' }
      return {
        put: (key, body) => client.putObject(BUCKET, key, body, body.length, headers),
        putFile: (key, file) => client.fPutObject(BUCKET, key, file, headers),
      }
    },
    async '@aws-lite/s3'({ endpoint, region, credentials, ca }) {
      if (ca) process.env.AWS_CA_BUNDLE = ''
      const awsLite = load('@aws-lite/client')
      const { hostname, port, protocol } = new URL(endpoint)
      const agent = agentOf(protocol === 'https:', { ca })
      const aws = await awsLite({
        ...credentials,
        region,
        endpoint: `${protocol}//${hostname}:${port}`,
        agent,
        plugins: [load('@aws-lite/s3')],
      })
      return { put: (Key, Body) => aws.s3.PutObject({ Bucket: BUCKET, Key, Body, ...sse }) }
    },
    async s3mini({ endpoint, region, credentials, ca }) {
      if (ca) return undefined // It uses fetch, which takes no CA but NODE_EXTRA_CA_CERTS.
      const { S3mini } = await load.esm('s3mini')
      const client = new S3mini({ ...credentials, endpoint: `${endpoint}/${BUCKET}`, region })
      const headers = { 'x-amz-server-side-encryption': 'AES256' }
      return { put: (key, body) => client.putObject(key, body, 'application/octet-stream', undefined, headers) }
    },
  }
}
