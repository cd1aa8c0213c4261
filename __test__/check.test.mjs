// What checkBucket finds: each finding in each status, each question refused by itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBucket, enforcementPolicy } from 'stateseal'
import {
  encryptionXml,
  KEY_ARN,
  ownershipXml,
  publicAccessXml,
  rejection,
  signedAt,
  startMock,
  xmlError,
} from './support/mock.mjs'

const IDS = [
  'bucket-exists',
  'region',
  'owner',
  'versioning',
  'default-encryption',
  'blocked-encryption',
  'policy',
  'tls',
  'public-access-block',
  'object-ownership',
  'kms-key',
  'conditional-writes',
  'put-probe',
]
const OWNER = '111122223333'
const kms = { serverSideEncryption: 'aws:kms', sseKMSKeyId: KEY_ARN }
const denied = () => ({ status: 403, body: xmlError('AccessDenied', 'Access Denied') })
const policyOf = (policy) => () => ({ body: JSON.stringify(policy) })
const deny = (Sid, Condition, Action = 's3:PutObject') => ({
  Version: '2012-10-17',
  Statement: [
    { Sid, Effect: 'Deny', Principal: '*', Action, Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'], Condition },
  ],
})

const WRITES = ['PutObject', 'DeleteObject']

/** The findings by id; that the check only reads unless `probe` is set is held here for all of them. */
async function check(mock, options = {}) {
  const from = mock.requests.length
  const report = await checkBucket({ ...mock.config, kmsEndpoint: mock.endpoint, bucket: 'b', ...options })
  const ids = report.findings.map(({ id }) => id)
  assert.deepEqual(ids, IDS)
  for (const { status, message, remedy, permission, ...more } of report.findings) {
    assert.deepEqual(more, { id: more.id })
    assert.ok(['ok', 'warning', 'problem', 'skipped'].includes(status))
    assert.ok(message.length > 10, message)
    if (status === 'problem' || status === 'warning') assert.ok(remedy, message)
    if (permission) assert.match(permission, /^(s3|kms):[A-Z]\w+$/)
  }
  assert.equal(
    report.ok,
    report.findings.every(({ status }) => status !== 'problem'),
  )
  if (!options.probe) {
    assert.ok(mock.requests.slice(from).every(({ operation }) => !WRITES.includes(operation)))
  }
  return { ...Object.fromEntries(report.findings.map((finding) => [finding.id, finding])), ...report }
}

/** A mock that keeps objects, so that conditional writes can be honoured. */
async function startKeeping(t, answers = {}) {
  const kept = new Set()
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN }) }),
    ...answers,
  })
  const put = answers.PutObject
  mock.answers.PutObject = (request) => {
    const { pathname } = new URL(request.path, 'http://mock')
    if (request.headers['if-none-match'] && kept.has(pathname)) {
      return { status: 412, body: xmlError('PreconditionFailed') }
    }
    kept.add(pathname)
    if (put) return put(request)
    return {
      headers: {
        etag: '"e"',
        'x-amz-version-id': `v${kept.size}`,
        'x-amz-server-side-encryption': request.headers['x-amz-server-side-encryption'],
        'x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN,
        'x-amz-server-side-encryption-bucket-key-enabled': 'false',
      },
    }
  }
  return mock
}

test('a bucket with everything in order but that its policy lets plain http pass', async (t) => {
  const policy = enforcementPolicy({ bucket: 'state', mode: 'strict', encryption: kms, tls: false })
  const mock = await startKeeping(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN, blocked: ['SSE-C'] }) }),
    GetBucketPolicy: policyOf(policy),
  })
  const options = { bucket: 'state', expectedBucketOwner: OWNER, probe: true, key: 'api/state.json' }
  const report = await check(mock, options)
  assert.deepEqual(
    report.findings.map(({ status }) => status),
    IDS.map((id) => (id === 'tls' ? 'warning' : 'ok')),
  )
  assert.equal(report.ok, true)
  assert.equal(report.bucket, 'state')
  assert.equal(report.region, 'us-east-1')
  assert.deepEqual(report.encryption, {
    source: 'bucket',
    requested: { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY_ARN, BucketKeyEnabled: false },
  })
})

test('the questions are asked side by side', async (t) => {
  const waiting = []
  const held = (operation, answer) => () =>
    new Promise((resolve) => {
      waiting.push([operation, () => resolve(answer)])
      if (waiting.length === 5) for (const [, go] of waiting) go()
    })
  const mock = await startMock(t, {
    GetBucketEncryption: held('encryption', { body: encryptionXml() }),
    GetBucketPolicy: held('policy', { status: 404, body: xmlError('NoSuchBucketPolicy') }),
    GetBucketVersioning: held('versioning', { body: '<VersioningConfiguration/>' }),
    GetPublicAccessBlock: held('public', { body: publicAccessXml() }),
    GetBucketOwnershipControls: held('ownership', { body: ownershipXml('ObjectWriter') }),
  })
  await check(mock)
  assert.equal(waiting.length, 5)
})

test('each question that is refused hides its own answer, and names the permission', async (t) => {
  const deniedHead = () => ({ status: 403, headers: { 'x-amz-bucket-region': 'us-east-1' } })
  const kmsDenied = () => ({ status: 400, body: JSON.stringify({ __type: 'AccessDeniedException', message: 'no' }) })
  for (const [operation, answer, ids, permission] of [
    ['HeadBucket', deniedHead, ['bucket-exists', 'owner'], 's3:ListBucket'],
    ['GetBucketVersioning', denied, ['versioning'], 's3:GetBucketVersioning'],
    ['GetBucketEncryption', denied, ['default-encryption', 'blocked-encryption'], 's3:GetEncryptionConfiguration'],
    ['GetBucketPolicy', denied, ['policy', 'tls'], 's3:GetBucketPolicy'],
    ['GetPublicAccessBlock', denied, ['public-access-block'], 's3:GetBucketPublicAccessBlock'],
    ['GetBucketOwnershipControls', denied, ['object-ownership'], 's3:GetBucketOwnershipControls'],
    ['DescribeKey', kmsDenied, ['kms-key'], 'kms:DescribeKey'],
  ]) {
    const mock = await startMock(t, { [operation]: answer })
    const report = await check(mock, { encryption: kms, expectedBucketOwner: OWNER })
    const refused = report.findings.filter((finding) => finding.permission)
    assert.deepEqual(
      refused.map(({ id, status, permission }) => [id, status, permission]),
      ids.map((id) => [id, 'skipped', permission]),
      operation,
    )
    for (const { message, remedy } of refused) assert.ok(`${message} ${remedy}`.includes(permission))
    assert.equal(report.ok, true)
  }
})

test('all questions refused: nothing is known, nothing fails', async (t) => {
  const operations = ['HeadBucket', 'GetBucketVersioning', 'GetBucketEncryption', 'GetBucketPolicy']
  const more = ['GetPublicAccessBlock', 'GetBucketOwnershipControls', 'DescribeKey']
  const mock = await startMock(t, Object.fromEntries([...operations, ...more].map((name) => [name, denied])))
  const report = await check(mock)
  assert.deepEqual(report.encryption, { source: 'fallback', requested: { ServerSideEncryption: 'AES256' } })
  assert.match(report['default-encryption'].message, /AES256 and warns/)
  for (const { id, status } of report.findings) assert.equal(status, 'skipped', id)
})

test('a server that does not know a question is no problem', async (t) => {
  const operations = {
    GetBucketVersioning: 'versioning',
    GetBucketPolicy: 'policy',
    GetPublicAccessBlock: 'public-access-block',
    GetBucketOwnershipControls: 'object-ownership',
    GetBucketEncryption: 'default-encryption',
  }
  for (const [status, body] of [
    [501, xmlError('NotImplemented', 'A header or query you provided is not implemented.')],
    [405, xmlError('MethodNotAllowed')],
    [404, ''],
    [404, xmlError('NoSuchKey')],
    [400, xmlError('NotImplemented')],
  ]) {
    for (const [operation, id] of Object.entries(operations)) {
      const mock = await startMock(t, { [operation]: () => ({ status, body }) })
      const report = await check(mock, { encryption: 'AES256' })
      assert.equal(report[id].status, 'skipped', `${operation} ${status}`)
      assert.equal(report[id].permission, undefined)
      assert.match(report[id].message, /does not answer/)
      assert.equal(report.ok, true)
    }
  }
})

test('a question that fails is skipped, without a permission', async (t) => {
  const mock = await startMock(t, {
    GetBucketVersioning: () => ({ status: 500, body: xmlError('InternalError') }),
    GetBucketPolicy: () => 'reset',
  })
  const { versioning, policy, tls } = await check(mock)
  for (const finding of [versioning, policy, tls]) {
    assert.equal(finding.status, 'skipped')
    assert.equal(finding.permission, undefined)
  }
  assert.match(versioning.message, /InternalError/)
})

test('a bucket that is not there', async (t) => {
  const mock = await startMock(t, { HeadBucket: () => ({ status: 404 }) })
  const report = await check(mock, { probe: true })
  assert.equal(report.ok, false)
  assert.equal(report['bucket-exists'].status, 'problem')
  assert.ok(report.findings.slice(1).every(({ status }) => status === 'skipped'))
  assert.deepEqual(
    mock.requests.map(({ operation }) => operation),
    ['HeadBucket'],
  )
  assert.equal(report.encryption, undefined)
})

test('another Region is followed and told', async (t) => {
  const regionOf = ({ headers }) => headers.authorization.match(/\d{8}\/([^/]+)\//)[1]
  const mock = await startMock(t, {
    HeadBucket: (request) => ({
      status: regionOf(request) === 'eu-west-1' ? 200 : 301,
      headers: { 'x-amz-bucket-region': 'eu-west-1' },
    }),
  })
  const report = await check(mock)
  assert.equal(report.region, 'eu-west-1')
  const { status, message, remedy } = report.findings[1]
  assert.equal(status, 'problem')
  assert.match(message, /eu-west-1.*us-east-1/)
  assert.match(remedy, /followRegionRedirects/)
  assert.ok(mock.requests.slice(1).every((request) => regionOf(request) === 'eu-west-1'))
  const followed = await check(mock, { followRegionRedirects: true })
  assert.equal(followed.findings[1].status, 'warning')
  assert.equal(followed.ok, true)
  const elsewhere = await check(mock, { followRegionRedirects: true, encryption: kms })
  assert.equal(elsewhere['kms-key'].status, 'problem')
  assert.match(elsewhere['kms-key'].message, /us-east-1.*eu-west-1/)
  assert.equal(mock.count('DescribeKey'), 0)
})

test('a server that calls its Region by another name and answers is where it should be', async (t) => {
  const mock = await startMock(t, { HeadBucket: () => ({ headers: { 'x-amz-bucket-region': 'us-east-1' } }) })
  const report = await check(mock, { region: 'auto' })
  assert.equal(report.region, 'auto')
  assert.equal(report.findings[1].status, 'ok')
})

test('the owner', async (t) => {
  const mock = await startMock(t, {
    HeadBucket: ({ headers }) => {
      const expected = headers['x-amz-expected-bucket-owner']
      return { status: expected === undefined || expected === OWNER ? 200 : 403 }
    },
  })
  assert.equal((await check(mock, { expectedBucketOwner: OWNER })).owner.status, 'ok')
  const other = await check(mock, { expectedBucketOwner: '999999999999' })
  assert.equal(other.owner.status, 'problem')
  assert.equal(other.ok, false)
  const none = await check(mock)
  assert.equal(none.owner.status, 'skipped')
  assert.match(none.owner.remedy, /expectedBucketOwner/)
})

test('versioning, public access and object ownership', async (t) => {
  const versioning = (status) => `<VersioningConfiguration>${status}</VersioningConfiguration>`
  const nothing = (code) => ({ status: 404, body: xmlError(code) })
  for (const [operation, id, answer, status, message] of [
    ['GetBucketVersioning', 'versioning', { body: versioning('') }, 'warning', /not enabled/],
    ['GetBucketVersioning', 'versioning', { body: versioning('<Status>Suspended</Status>') }, 'warning', /suspended/],
    [
      'GetPublicAccessBlock',
      'public-access-block',
      { body: publicAccessXml(['BlockPublicPolicy']) },
      'warning',
      /BlockPublicPolicy is off/,
    ],
    [
      'GetPublicAccessBlock',
      'public-access-block',
      nothing('NoSuchPublicAccessBlockConfiguration'),
      'warning',
      /itself/,
    ],
    [
      'GetBucketOwnershipControls',
      'object-ownership',
      { body: ownershipXml('ObjectWriter') },
      'warning',
      /ObjectWriter/,
    ],
    ['GetBucketOwnershipControls', 'object-ownership', nothing('OwnershipControlsNotFoundError'), 'warning', /not set/],
  ]) {
    const mock = await startMock(t, { [operation]: () => answer })
    const report = await check(mock)
    assert.equal(report[id].status, status)
    assert.match(report[id].message, message)
  }
})

test('the default encryption, as it is mirrored', async (t) => {
  for (const [answer, status, message, options] of [
    [{ body: encryptionXml() }, 'ok', /SSE-S3/],
    [{ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN, bucketKey: true }) }, 'ok', /an S3 Bucket Key/],
    [{ body: encryptionXml({ algorithm: 'aws:kms:dsse', key: KEY_ARN }) }, 'ok', /DSSE-KMS/],
    [{ body: encryptionXml({ algorithm: 'aws:kms' }) }, 'warning', /aws\/s3/],
    [{ status: 404, body: xmlError('ServerSideEncryptionConfigurationNotFoundError') }, 'warning', /no default/],
    [{ body: encryptionXml({ algorithm: 'aws:fsx' }) }, 'problem', /aws:fsx/],
    [{ body: encryptionXml({ algorithm: 'aws:fsx' }) }, 'ok', /aws:fsx/, { encryption: 'AES256' }],
    [{ status: 404, body: xmlError('NoSuchKey') }, 'problem', /NoSuchKey.*fails/],
  ]) {
    const mock = await startMock(t, { GetBucketEncryption: () => answer })
    const report = await check(mock, options)
    assert.equal(report['default-encryption'].status, status, report['default-encryption'].message)
    assert.match(report['default-encryption'].message, message)
    assert.equal(report.encryption === undefined, status === 'problem')
  }
})

test('SSE-C and buckets that block it', async (t) => {
  const own = { encryption: { sseCustomerKey: Buffer.alloc(32, 7) }, allowInsecureLoopback: true }
  for (const [blocked, options, status] of [
    [['SSE-C'], own, 'problem'],
    [['NONE'], own, 'ok'],
    [['SSE-C'], {}, 'ok'],
    [[], {}, 'ok'],
  ]) {
    const mock = await startMock(t, { GetBucketEncryption: () => ({ body: encryptionXml({ blocked }) }) })
    const report = await check(mock, options)
    assert.equal(report['blocked-encryption'].status, status)
    if (status === 'problem') {
      assert.match(report['blocked-encryption'].remedy, /SSE-KMS/)
      const probed = await check(mock, { ...options, probe: true })
      assert.equal(probed['put-probe'].status, 'skipped')
      assert.equal(mock.puts().length, 0, 'the key is not sent in vain')
    }
  }
})

test('the policy judges the upload as it is configured', async (t) => {
  const needsKms = { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } }
  const needsKey = { StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': KEY_ARN } }
  const only = (key, Condition) => {
    const policy = deny('OnlyThere', Condition)
    policy.Statement[0].Resource = `arn:aws:s3:::b/${key}`
    return policy
  }
  const allow = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' }],
  }
  const alias = { serverSideEncryption: 'aws:kms', sseKMSKeyId: 'alias/state' }
  for (const [policy, options, status, message, remedy] of [
    [deny('NeedsKms', needsKms), {}, 'problem', /NeedsKms/, /aws:kms/],
    [deny('NeedsKms', needsKms), { encryption: kms }, 'ok', /No statement/],
    [deny('NeedsKey', needsKey), { encryption: 'AES256' }, 'problem', /NeedsKey/, /01234567/],
    [deny('NeedsKey', needsKey), { encryption: alias }, 'warning', /NeedsKey/, /01234567/],
    [only('api/*', needsKms), { key: 'api/state.json' }, 'problem', /OnlyThere/, /aws:kms/],
    [only('api/*', needsKms), { key: 'web/state.json' }, 'ok', /No statement/],
    [deny('NoParts', { Bool: { 's3:ObjectCreationOperation': 'false' } }), {}, 'warning', /in parts.*NoParts/],
    [deny('Https', { Bool: { 'aws:SecureTransport': 'false' } }), {}, 'problem', /Https/, /https endpoint/],
    [deny('FromVpc', { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } }), {}, 'warning', /FromVpc may deny/],
    [allow, {}, 'ok', /allows/],
  ]) {
    const mock = await startMock(t, { GetBucketPolicy: policyOf(policy) })
    const report = await check(mock, options)
    assert.equal(report.policy.status, status, report.policy.message)
    assert.match(report.policy.message, message)
    if (remedy) assert.match(report.policy.remedy, remedy)
  }
  const none = await check(await startMock(t))
  assert.equal(none.policy.status, 'ok')
  assert.match(none.policy.message, /no policy/)
  const broken = await check(await startMock(t, { GetBucketPolicy: () => ({ body: '{"Statement": [{}]}' }) }))
  assert.equal(broken.policy.status, 'warning')
})

test('a clock that is wrong is put right for requests whose answers have no body', async (t) => {
  const mock = await startMock(t)
  const there = () => Date.now() + 7_200_000
  mock.answers.HeadBucket = (request) => {
    const headers = { date: new Date(there()).toUTCString() }
    if (Math.abs(signedAt(request) - there()) > 900_000) return { status: 403, headers }
    return { headers }
  }
  const config = { ...mock.config, kmsEndpoint: mock.endpoint, maxAttempts: 2 }
  const { findings } = await checkBucket({ ...config, bucket: 'b' })
  assert.equal(findings.find(({ id }) => id === 'bucket-exists').status, 'ok')
})

test('whether plain http is refused', async (t) => {
  const plain = { Bool: { 'aws:SecureTransport': 'false' } }
  const both = { ...plain, StringEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/x' } }
  for (const [policy, status, message] of [
    [deny('Https', plain, 's3:*'), 'ok', /Https/],
    [deny('Https', plain), 'warning', /writes only/],
    [deny('Https', plain, 's3:GetObject'), 'warning', /reads only/],
    [deny('Https', both, 's3:*'), 'warning', /not refuse/],
    [deny('Nobody', undefined, 's3:*'), 'warning', /not refuse/],
  ]) {
    const mock = await startMock(t, { GetBucketPolicy: policyOf(policy) })
    const { tls } = await check(mock, { encryption: 'AES256' })
    assert.equal(tls.status, status, tls.message)
    assert.match(tls.message, message)
  }
})

test('the state of the KMS key', async (t) => {
  const told = (state, more) => () => ({
    body: JSON.stringify({
      KeyMetadata: {
        Arn: KEY_ARN,
        KeyState: state,
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeyManager: 'CUSTOMER',
        ...more,
      },
    }),
  })
  const failed =
    (__type, status = 400) =>
    () => ({ status, body: JSON.stringify({ __type }) })
  for (const [answer, status, message] of [
    [told('Enabled'), 'ok', /is enabled/],
    [told('Disabled'), 'problem', /Disabled/],
    [told('PendingDeletion'), 'problem', /PendingDeletion/],
    [told('PendingImport'), 'problem', /PendingImport/],
    [told('Enabled', { KeySpec: 'RSA_2048' }), 'problem', /not a symmetric/],
    [told('Enabled', { KeyManager: 'AWS' }), 'warning', /managed by AWS/],
    [failed('com.amazonaws.kms#NotFoundException'), 'problem', /knows no key/],
    [failed('KMSInternalException', 500), 'skipped', /KMSInternalException/],
    [() => ({ status: 404, body: '<html>' }), 'skipped', /no KMS answers/],
    [() => 'reset', 'skipped', /could not be read/],
  ]) {
    const mock = await startMock(t, { DescribeKey: answer })
    const report = await check(mock, { encryption: { serverSideEncryption: 'aws:kms', sseKMSKeyId: 'alias/state' } })
    assert.equal(report['kms-key'].status, status, report['kms-key'].message)
    assert.match(report['kms-key'].message, message)
    const [request] = mock.requests.filter(({ operation }) => operation === 'DescribeKey')
    assert.match(request.headers.authorization, /us-east-1\/kms\/aws4_request/)
    assert.deepEqual(JSON.parse(request.body), { KeyId: 'alias/state' })
  }
})

test('which key is asked about, and where', async (t) => {
  const mock = await startMock(t, {
    GetBucketEncryption: () => ({ body: encryptionXml({ algorithm: 'aws:kms', key: KEY_ARN }) }),
  })
  const asked = () => mock.requests.filter(({ operation }) => operation === 'DescribeKey').length
  assert.equal((await check(mock))['kms-key'].status, 'ok')
  assert.equal((await check(mock, { encryption: 'bucket-default' }))['kms-key'].status, 'ok')
  assert.equal(asked(), 2)
  for (const options of [{ encryption: 'AES256' }, { encryption: 'aws:kms' }, { kmsEndpoint: undefined }]) {
    assert.equal((await check(mock, options))['kms-key'].status, 'skipped')
  }
  assert.equal(asked(), 2)
  process.env.AWS_ENDPOINT_URL_KMS = mock.endpoint
  t.after(() => {
    delete process.env.AWS_ENDPOINT_URL_KMS
  })
  assert.equal((await check(mock, { kmsEndpoint: undefined }))['kms-key'].status, 'ok')
  assert.equal((await check(mock, { kmsEndpoint: new URL(mock.endpoint) }))['kms-key'].status, 'ok')
})

test('the probes write beside the key and delete what they wrote, version by version', async (t) => {
  const mock = await startKeeping(t)
  const report = await check(mock, { probe: true, key: `api/${'ü'.repeat(500)}` })
  assert.equal(report['put-probe'].status, 'ok')
  assert.equal(report['conditional-writes'].status, 'ok')
  const of = (operation) => mock.requests.filter((request) => request.operation === operation)
  const target = ({ path }) => new URL(path, 'http://mock')
  const puts = of('PutObject')
  assert.equal(puts.length, 3)
  assert.deepEqual(puts.map(({ headers }) => headers['if-none-match']).sort(), ['*', '*', undefined])
  for (const put of puts) {
    const key = decodeURIComponent(target(put).pathname.slice('/b/'.length))
    assert.match(key, /^api\/ü+\.stateseal-check-[0-9a-f]{16}$/)
    assert.ok(Buffer.byteLength(key) <= 1024)
    assert.equal(put.headers['x-amz-server-side-encryption-aws-kms-key-id'], KEY_ARN)
  }
  const deleted = of('DeleteObject').map((request) => [
    target(request).pathname,
    target(request).searchParams.get('versionId'),
  ])
  const written = [...new Set(puts.map((put) => target(put).pathname))]
  assert.deepEqual(deleted.map(([path]) => path).sort(), written.sort())
  assert.deepEqual(deleted.map(([, version]) => version).sort(), ['v1', 'v2'])
})

test('what could not be deleted is named', async (t) => {
  const mock = await startKeeping(t, { DeleteObject: denied })
  const report = await check(mock, { probe: true })
  for (const id of ['put-probe', 'conditional-writes']) {
    const { status, message, remedy, permission } = report[id]
    assert.equal(status, 'warning')
    assert.match(message, /stateseal-check-\w{16}, version v[12], could not be deleted \(AccessDenied\) and stays/)
    assert.match(remedy, /Delete/)
    assert.equal(permission, 's3:DeleteObjectVersion')
  }
})

test('a put probe that is refused, not encrypted, or has no answer', async (t) => {
  for (const [PutObject, status, message, remedy] of [
    [denied, 'problem', /refused a put with AES256: AccessDenied/, /NeedsKms; it accepts/],
    [() => ({ headers: { etag: '"e"' } }), 'problem', /did not apply/, /Delete what was written/],
    [() => 'reset', 'skipped', /may have been written/, /Delete/],
  ]) {
    const needsKms = { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } }
    const mock = await startMock(t, { PutObject, GetBucketPolicy: policyOf(deny('NeedsKms', needsKms)) })
    const report = await check(mock, { probe: true })
    assert.equal(report['put-probe'].status, status)
    assert.match(report['put-probe'].message, message)
    assert.match(report['put-probe'].remedy, remedy)
    assert.notEqual(report['conditional-writes'].status, 'ok')
  }
})

test('conditional writes that are ignored, unknown or wrong', async (t) => {
  const applied = { headers: { 'x-amz-server-side-encryption': 'AES256' } }
  for (const [answer, status, message] of [
    [() => applied, 'problem', /not honoured/],
    [() => ({ status: 501, body: xmlError('NotImplemented') }), 'warning', /no conditional writes: NotImplemented/],
    [() => ({ status: 412, body: xmlError('PreconditionFailed') }), 'problem', /does not exist/],
    [denied, 'skipped', /AccessDenied/],
  ]) {
    const mock = await startMock(t, {
      PutObject: (request) => (request.headers['if-none-match'] ? answer(request) : applied),
    })
    const report = await check(mock, { probe: true })
    assert.equal(report['conditional-writes'].status, status)
    assert.match(report['conditional-writes'].message, message)
    assert.equal(report['put-probe'].status, 'ok')
    const writes = new Set(
      mock
        .puts()
        .filter((put) => put.headers['x-amz-server-side-encryption'])
        .map(({ path }) => path.split('?')[0]),
    )
    if (status === 'problem' && /honoured/.test(message.source)) {
      assert.equal(mock.count('DeleteObject'), writes.size, 'one object without versions is deleted once')
    }
  }
})

test('it rejects for wrong arguments before any request, and never throws', async (t) => {
  const mock = await startMock(t)
  for (const [options, name, setting] of [
    [undefined, 'InvalidParameterType'],
    ['b', 'InvalidParameterType'],
    [{}, 'MissingRequiredParameter', 'bucket'],
    [{ bucket: '' }, 'InvalidParameterValue', 'bucket'],
    [{ bucket: 7 }, 'InvalidParameterType', 'bucket'],
    [{ bucket: 'a/b' }, 'InvalidBucketName', 'bucket'],
    [{ bucket: 'b', key: '' }, 'InvalidParameterValue', 'key'],
    [{ bucket: 'b', key: 'x'.repeat(1025) }, 'InvalidParameterValue', 'key'],
    [{ bucket: 'b', probe: 'yes' }, 'InvalidParameterType', 'probe'],
    [{ bucket: 'b', probes: true }, 'InvalidParameterValue', 'probes'],
    [{ Bucket: 'b' }, 'InvalidParameterValue', 'Bucket'],
    [{ bucket: 'b', encryptoin: 'AES256' }, 'InvalidParameterValue', 'encryptoin'],
    [{ bucket: 'b', kmsEndpoint: 'kms.example.com' }, 'InvalidParameterValue', 'kmsEndpoint'],
    [{ bucket: 'b', encryption: { sseKMSKeyId: KEY_ARN } }, undefined],
  ]) {
    const given = typeof options === 'object' ? { ...mock.config, ...options } : options
    const error = await rejection(() => checkBucket(given))
    if (name) assert.equal(error.name, name, error.message)
    if (setting) assert.equal(error.setting, setting)
    assert.ok(error.hint)
  }
  assert.equal(mock.requests.length, 0)
})

test('it rejects where nothing can be asked', async (t) => {
  const mock = await startMock(t)
  const refused = { ...mock.config, endpoint: 'http://127.0.0.1:1', bucket: 'b' }
  assert.equal((await rejection(() => checkBucket(refused))).code, 'ECONNREFUSED')
  for (const code of ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken']) {
    const answer = () => ({ status: 403, body: xmlError(code) })
    const operations = ['HeadBucket', 'GetBucketVersioning', 'GetBucketEncryption', 'GetBucketPolicy']
    const other = await startMock(t, Object.fromEntries(operations.map((name) => [name, answer])))
    const error = await rejection(() => checkBucket({ ...other.config, bucket: 'b' }))
    assert.equal(error.name, code)
  }
  const thrown = new Error('no login')
  const credentials = () => {
    throw thrown
  }
  assert.equal(await rejection(() => checkBucket({ ...mock.config, credentials, bucket: 'b' })), thrown)
})

test('no secret is in a report', async (t) => {
  const secret = Buffer.alloc(32, 'planted-secret-key')
  const echo = ({ headers }) => ({ status: 400, body: xmlError('InvalidArgument', JSON.stringify(headers)) })
  const mock = await startMock(t, { PutObject: echo })
  const config = {
    allowInsecureLoopback: true,
    probe: true,
    credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'planted-secret', sessionToken: 'planted-token' },
  }
  const encryptions = [{ sseCustomerKey: secret }, { ...kms, encryptionContext: { tenant: 'planted-value' } }]
  for (const encryption of encryptions) {
    const text = JSON.stringify(await check(mock, { ...config, encryption }))
    const [put] = mock.puts().slice(-1)
    for (const header of ['customer-key', 'customer-key-md5', 'context']) {
      const value = put.headers[`x-amz-server-side-encryption-${header}`]
      if (value) assert.ok(!text.includes(value), header)
    }
    assert.ok(!text.includes('planted'))
    assert.ok(!text.includes(secret.toString('base64')))
  }
})
