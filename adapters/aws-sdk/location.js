const { isIP } = require('node:net')
const { argumentError } = require('../../facade/errors.js')
const { endpointText } = require('../../facade/config.js')

// What AWS calls S3's hosts, behind the bucket's name: s3, s3-fips, s3.dualstack.eu-west-1, …
const AWS = /^(?:(.+)\.)?(s3(?:-[a-z0-9-]+)?(?:\.dualstack)?(?:\.[a-z0-9-]+)?\.amazonaws\.(?:com|com\.cn|eu))$/
const ACCESS_POINT =
  /^(.+)-(\d{12})\.s3-accesspoint(?:-fips)?(?:\.dualstack)?\.([a-z0-9-]+)\.amazonaws\.(com|com\.cn|eu)$/
const PARTITIONS = { com: 'aws', 'com.cn': 'aws-cn', eu: 'aws-eusc' }

/**
 * Where a request goes: `Bucket` and `Key`, and the settings with which stateseal finds the same
 * server. `Key` is empty for requests about the bucket itself.
 */
async function locate(request, config) {
  const { hostname } = request
  const port = request.port ? `:${request.port}` : ''
  const origin = `${request.protocol ?? 'https:'}//${hostname}${port}`
  const known = await knownEndpoint(config)
  if (known) {
    const base = known.pathname.replace(/\/$/, '')
    const path = request.path.startsWith(base) ? request.path.slice(base.length) : request.path
    if (hostname === known.hostname) return pathStyle(path, { endpoint: known.href })
    if (hostname.endsWith(`.${known.hostname}`)) {
      return hostStyle(hostname.slice(0, -known.hostname.length - 1), path, { endpoint: known.href })
    }
  }
  const accessPoint = hostname.match(ACCESS_POINT)
  if (accessPoint) {
    const [, name, account, region, suffix] = accessPoint
    return hostStyle(`arn:${PARTITIONS[suffix]}:s3:${region}:${account}:accesspoint/${name}`, request.path, {
      useArnRegion: true,
    })
  }
  const aws = hostname.match(AWS)
  if (aws) {
    const settings = {
      useDualstackEndpoint: aws[2].includes('.dualstack'),
      useFipsEndpoint: aws[2].startsWith('s3-fips'),
    }
    return aws[1] ? hostStyle(aws[1], request.path, settings) : pathStyle(request.path, settings)
  }
  if (isIP(hostname.replace(/^\[(.*)\]$/, '$1')) || hostname === 'localhost') {
    return pathStyle(request.path, { endpoint: origin })
  }
  throw argumentError(
    'InvalidParameterValue',
    'config.endpoint',
    `is not set, and ${hostname} does not tell the bucket from the host`,
    'Give stateHandler the endpoint of the client',
  )
}

/** The endpoint that the client was given, or found in the environment. */
async function knownEndpoint({ endpoint }) {
  const given = typeof endpoint === 'function' ? await endpoint() : endpoint
  const text = endpointText(given) ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL
  return text && URL.canParse(text) ? new URL(text) : undefined
}

function hostStyle(Bucket, path, settings) {
  return { Bucket, Key: decode(path.slice(1)), settings: { forcePathStyle: false, ...settings } }
}

function pathStyle(path, settings) {
  const [bucket, ...key] = path.slice(1).split('/')
  return { Bucket: decode(bucket), Key: decode(key.join('/')), settings: { forcePathStyle: true, ...settings } }
}

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

module.exports = { locate }
