const { randomBytes } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { createCertificate } = require('./certificate.js')
const { startKms } = require('./kms.js')
const { packageFolder } = require('./packages.js')
const { freePorts, startServer } = require('./server-process.js')
const { signedRequest } = require('./signed-request.js')

const REGION = 'us-east-1'
const BUCKET_OPTIONS = ['policy', 'versioning', 'defaultEncryption']
const OPTIONS = ['bucket', ...BUCKET_OPTIONS, 'kms', 'tls', 'install', 'cache', 'onProgress']

/**
 * Starts SeaweedFS as S3 on 127.0.0.1, with moto as its KMS if `kms` is true, and creates `bucket`.
 *
 * What it does otherwise than S3 stands in index.d.ts.
 */
async function startLocalS3(options = {}) {
  checkNames(options, OPTIONS, 'startLocalS3')
  const { kms: wantsKms = false, tls = false, onProgress = () => {} } = options
  const bucket = options.bucket ?? impliedBucket(options)
  const packages = { cache: options.cache, install: options.install, onProgress }
  const folder = await packageFolder('seaweedfs', packages)
  const credentials = newCredentials()
  const limited = newCredentials()
  const stops = []
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  try {
    const kms = wantsKms ? await startKms({ region: REGION, credentials, ...packages }) : undefined
    if (kms) stops.push(kms.stop)
    const certificate = tls ? await createCertificate(packages) : undefined
    onProgress('Starting SeaweedFS ...')
    const server = await startWeed({ folder, credentials, limited, kms, certificate })
    stops.push(server.stop)
    const call = { endpoint: server.endpoint, region: REGION, credentials, ca: certificate?.ca }
    const request = (given) => signedRequest({ ...call, ...given })
    const createBucket = async (name, setup = {}) => {
      checkNames(setup, BUCKET_OPTIONS, 'createBucket')
      await setUpBucket(request, name, setup)
    }
    if (bucket) await setUpBucket(request, bucket, options)
    return {
      endpoint: server.endpoint,
      region: REGION,
      credentials,
      limited,
      bucket,
      ca: certificate?.ca,
      clientConfig: { endpoint: server.endpoint, region: REGION, credentials, forcePathStyle: true },
      kms: kms && { ...kms, ...(await kms.createKey('alias/stateseal')) },
      createBucket,
      request,
      stop,
      [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function checkNames(options, known, place) {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown) throw new Error(`${place} has no option ${unknown}; it has ${known.join(', ')}`)
}

/** Options of a bucket mean one: that of the policy, else `state`. */
function impliedBucket(options) {
  if (!BUCKET_OPTIONS.some((name) => options[name])) return undefined
  const text = typeof options.policy === 'object' ? JSON.stringify(options.policy) : (options.policy ?? '')
  return /"arn:aws[\w-]*:s3:::([a-z0-9][a-z0-9.-]+)/.exec(text)?.[1] ?? 'state'
}

function newCredentials() {
  return {
    accessKeyId: `AKIA${randomBytes(10).toString('hex').slice(0, 16).toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  }
}

async function startWeed({ folder, credentials, limited, kms, certificate }) {
  let endpoint
  const server = await startServer('seaweedfs', async (home) => {
    const [s3, s3Grpc, master, masterGrpc, volume, volumeGrpc, filer, filerGrpc, https] = await freePorts(9)
    endpoint = certificate ? `https://127.0.0.1:${https}` : `http://127.0.0.1:${s3}`
    const config = path.join(home, 's3.json')
    fs.writeFileSync(config, JSON.stringify(s3Config(credentials, limited, kms)), { mode: 0o600 })
    const args = [
      // Else its logs stay in /tmp.
      `-logdir=${home}`,
      'server',
      `-dir=${home}`,
      '-ip=127.0.0.1',
      '-ip.bind=127.0.0.1',
      '-s3',
      `-s3.config=${config}`,
      `-s3.port=${s3}`,
      `-s3.port.grpc=${s3Grpc}`,
      '-s3.port.iceberg=0',
      '-s3.port.lance=0',
      `-master.port=${master}`,
      `-master.port.grpc=${masterGrpc}`,
      '-master.telemetry=false',
      '-master.volumeSizeLimitMB=64',
      `-volume.port=${volume}`,
      `-volume.port.grpc=${volumeGrpc}`,
      '-volume.max=64',
      '-volume.preStopSeconds=0',
      '-filer',
      `-filer.port=${filer}`,
      `-filer.port.grpc=${filerGrpc}`,
    ]
    if (certificate) {
      const [cert, key] = ['cert', 'key'].map((part) => path.join(home, `${part}.pem`))
      fs.writeFileSync(cert, certificate.cert)
      fs.writeFileSync(key, certificate.key, { mode: 0o600 })
      args.push(`-s3.port.https=${https}`, `-s3.cert.file=${cert}`, `-s3.key.file=${key}`)
    }
    return {
      command: binary(folder, process.platform === 'win32' ? 'weed.exe' : 'weed'),
      args,
      files: sockets({
        s3,
        filer,
        's3-grpc': s3Grpc,
        'master-grpc': masterGrpc,
        'volume-grpc': volumeGrpc,
        'filer-grpc': filerGrpc,
      }),
      // SSE-S3 wants a master key, and the filer's settings must not come from the user's home.
      env: { WEED_S3_SSE_KEY: randomBytes(32).toString('hex'), HOME: home },
      ready: () => isReady(endpoint, certificate?.ca, master, credentials),
    }
  })
  return { ...server, endpoint }
}

/** Where SeaweedFS listens besides its ports; most of these places cannot be set. */
function sockets(ports) {
  return Object.entries(ports).map(([service, port]) => `/tmp/seaweedfs-${service}-${port}.sock`)
}

/** A program of a folder that pip has filled. */
function binary(folder, name) {
  const places = ['bin', 'Scripts'].map((place) => path.join(folder, place, name))
  return places.find((place) => fs.existsSync(place)) ?? places[0]
}

function s3Config(credentials, limited, kms) {
  const identity = (name, { accessKeyId, secretAccessKey }, actions) => ({
    name,
    credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }],
    actions,
  })
  return {
    identities: [identity('admin', credentials, ['Admin']), identity('limited', limited, ['Write', 'Tagging'])],
    ...(kms && {
      kms: {
        default_provider: 'aws',
        providers: {
          aws: {
            type: 'aws',
            region: REGION,
            endpoint: kms.endpoint,
            access_key: credentials.accessKeyId,
            secret_key: credentials.secretAccessKey,
          },
        },
      },
    }),
  }
}

async function isReady(endpoint, ca, master, credentials) {
  const assigned = await fetch(`http://127.0.0.1:${master}/dir/assign`)
  if (!(await assigned.json()).fid) return false
  return (await signedRequest({ endpoint, ca, region: REGION, credentials })).status === 200
}

/** Creates a bucket; `policy` as object or text, `defaultEncryption` as PutBucketEncryption's rule. */
async function setUpBucket(request, name, { policy, versioning = false, defaultEncryption }) {
  const put = async (query, body) => {
    const { status, body: told } = await request({ method: 'PUT', path: `/${name}`, query, body })
    if (status >= 300) throw new Error(`Bucket ${name} ${Object.keys(query).join()}: ${status} ${told}`)
  }
  await put({}, '')
  if (versioning) {
    await put({ versioning: '' }, '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')
  }
  if (defaultEncryption) await put({ encryption: '' }, encryptionXml(defaultEncryption))
  if (policy) await put({ policy: '' }, typeof policy === 'string' ? policy : JSON.stringify(policy))
}

function encryptionXml({ SSEAlgorithm, KMSMasterKeyID, BucketKeyEnabled }) {
  const key = KMSMasterKeyID ? `<KMSMasterKeyID>${KMSMasterKeyID}</KMSMasterKeyID>` : ''
  const bucketKey = BucketKeyEnabled === undefined ? '' : `<BucketKeyEnabled>${BucketKeyEnabled}</BucketKeyEnabled>`
  return (
    '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>' +
    `<SSEAlgorithm>${SSEAlgorithm}</SSEAlgorithm>${key}` +
    `</ApplyServerSideEncryptionByDefault>${bucketKey}</Rule></ServerSideEncryptionConfiguration>`
  )
}

module.exports = { startLocalS3 }
