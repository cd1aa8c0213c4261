// Where settings come from: options, variables, files; and which one counts.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import yaml from 'js-yaml'
import { cli, folder, toServer } from './support/cli.mjs'
import { startMock } from './support/mock.mjs'

const require = createRequire(import.meta.url)
const { binding } = require('../facade/addon.js')
const { settingNames } = require('../bin/settings.js')

const SERVERLESS = `# As projects write it.
service: api
frameworkVersion: '4'
provider: &provider
  name: aws
  region: \${opt:region, 'eu-west-1'}
  environment: { TABLE: !Ref Table, ARN: !GetAtt Table.Arn, NAME: !Sub '\${AWS::StackName}-x' }
x-base: &base
  region: eu-central-1
  encryption:
    serverSideEncryption: aws:kms
    kmsKeyID: arn:aws:kms:eu-central-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef
functions:
  hello: { handler: handler.hello, memorySize: 0x400, timeout: 6, enabled: true }
resources:
  Conditions:
    IsProd: !Equals [!Ref Stage, prod]
  Resources:
    Table:
      Type: AWS::DynamoDB::Table
      Properties:
        Policy: !If
          - IsProd
          - !Join ['', ['a', !ImportValue other]]
          - !Ref AWS::NoValue
        Text: |
          several
          lines
        Folded: >-
          one
          line
custom:
  stateseal:
    <<: *base
    bucket: my-state
    maxAttempts: 2
    bucketKey: unknown to the command
`

/** A variable of Serverless. */
const variable = (text) => `\${${text}}`

const headersOf = async (t, args, options) => {
  const { code, stdout, stderr } = await cli(t, ['headers', '--json', ...args], options)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

const algorithmOf = async (...run) => (await headersOf(...run))['x-amz-server-side-encryption']

test('every setting of the library can be set on the command line', () => {
  const { config, options } = binding().argumentNames()
  const names = settingNames()
  for (const name of [...config, ...options]) assert.ok(names.includes(name), name)
})

test('YAML is read as js-yaml reads it, which Serverless uses', () => {
  const long = { GetAtt: (text) => ({ 'Fn::GetAtt': text.split('.') }), Ref: (text) => ({ Ref: text }) }
  const tags = ['Ref', 'GetAtt', 'Sub', 'Equals', 'If', 'Join', 'ImportValue'].flatMap((name) =>
    ['scalar', 'sequence'].map(
      (kind) => new yaml.Type(`!${name}`, { kind, construct: long[name] ?? ((value) => ({ [`Fn::${name}`]: value })) }),
    ),
  )
  const schema = yaml.DEFAULT_SCHEMA.extend(tags)
  const unwrap = (text) => {
    const { value, error } = binding().parseYaml(text, 'serverless.yml')
    assert.equal(error, undefined)
    return value
  }
  for (const text of [
    SERVERLESS,
    'a: [1, -2.5, 1e3, ~, True, "x", \'y\', 012, no]\n',
    '- a\n-\n  - b: c\n    d: [e]\n',
  ]) {
    assert.deepEqual(unwrap(text), yaml.load(text, { schema }))
  }
})

test('options beat variables, variables beat the file', async (t) => {
  const cwd = folder(t, { 'package.json': { stateseal: { encryption: 'aws:kms:dsse' } } })
  const env = { STATESEAL_SSE: 'aws:kms' }
  assert.equal(await algorithmOf(t, [], { cwd }), 'aws:kms:dsse')
  assert.equal(await algorithmOf(t, [], { cwd, env: { STATESEAL_SSE: '' } }), 'aws:kms:dsse')
  assert.equal(await algorithmOf(t, [], { cwd, env }), 'aws:kms')
  assert.equal(await algorithmOf(t, ['--sse', 'AES256'], { cwd, env }), 'AES256')
  assert.equal(await algorithmOf(t, ['--no-config'], { cwd, env }), 'aws:kms')
  assert.equal((await cli(t, ['headers', '--no-config'], { cwd })).code, 2)
})

test('a single setting of the encryption takes the place of the same one below it', async (t) => {
  const encryption = { sse: 'aws:kms', kms_key_id: 'alias/file', bucketKey: true }
  const cwd = folder(t, { 'package.json': { stateseal: { encryption } } })
  const headers = await headersOf(t, ['--sse-kms-key-id', 'alias/flag'], {
    cwd,
    env: { STATESEAL_BUCKET_KEY_ENABLED: '0' },
  })
  assert.deepEqual(headers, {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'alias/flag',
    'x-amz-server-side-encryption-bucket-key-enabled': 'false',
  })
  // A key that stays behind is a contradiction, and never sent or dropped in silence.
  const { code, stderr } = await cli(t, ['headers', '--sse', 'AES256'], { cwd })
  assert.equal(code, 2)
  assert.match(stderr, /sseKMSKeyId|kms_key_id/)
  assert.match(stderr, /\(stateseal\.encryption\.\w+ in package\.json\)|\(--sse\)/)
})

test('stages of the file', async (t) => {
  const stages = { prod: { serverSideEncryption: 'aws:kms', sseKMSKeyId: 'alias/prod' }, dev: 'AES256' }
  const cwd = folder(t, { 'serverless.yml': yaml.dump({ custom: { stateseal: { encryption: { stages } } } }) })
  assert.equal(await algorithmOf(t, ['--stage', 'dev'], { cwd }), 'AES256')
  const prod = await headersOf(t, [], { cwd, env: { STATESEAL_STAGE: 'prod' } })
  assert.equal(prod['x-amz-server-side-encryption-aws-kms-key-id'], 'alias/prod')
  const other = await headersOf(t, ['--stage', 'prod', '--sse-kms-key-id', 'alias/other'], { cwd })
  assert.equal(other['x-amz-server-side-encryption-aws-kms-key-id'], 'alias/other')
  const { code, stderr } = await cli(t, ['headers', '--stage', 'produ'], { cwd })
  assert.equal(code, 2)
  assert.match(stderr, /did you mean "prod"/)
})

test('every file and both places in it; the first file with settings counts', async (t) => {
  const top = 'stateseal: { encryption: AES256 }\n'
  const custom = 'custom: { stateseal: { encryption: AES256 } }\n'
  for (const name of ['serverless.yml', 'serverless.yaml', 'serverless-compose.yml', 'serverless-compose.yaml']) {
    assert.equal(await algorithmOf(t, [], { cwd: folder(t, { [name]: top }) }), 'AES256', name)
    assert.equal(await algorithmOf(t, [], { cwd: folder(t, { [name]: custom }) }), 'AES256', name)
  }
  const several = folder(t, {
    'serverless.yml': 'service: a\nbroken: [\n',
    'serverless-compose.yml': top,
    'package.json': { stateseal: { encryption: 'aws:kms' } },
  })
  assert.equal(await algorithmOf(t, [], { cwd: several }), 'AES256', 'a file without settings is not even parsed')
  assert.equal(await algorithmOf(t, ['--config', 'package.json'], { cwd: several }), 'aws:kms')
  assert.equal(
    await algorithmOf(t, [], { cwd: folder(t, { 'serverless.yml': top + custom }) }),
    'AES256',
    'both, equal',
  )
})

test('a serverless.yml with tags, anchors and variables elsewhere', async (t) => {
  const mock = await startMock(t)
  const cwd = folder(t, { 'serverless.yml': SERVERLESS, 'state.json': {} })
  const args = ['put', 'state.json', 'api/state.json', '--endpoint', mock.endpoint, '--force-path-style', '--verbose']
  const { code, stderr } = await cli(t, args, { cwd })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /^setting: bucket from custom\.stateseal\.bucket in serverless\.yml$/m)
  const [{ path, headers }] = mock.puts()
  assert.equal(path, '/my-state/api/state.json?x-id=PutObject')
  assert.match(headers.authorization, /eu-central-1/, 'the file beats AWS_REGION')
  assert.match(headers['x-amz-server-side-encryption-aws-kms-key-id'], /cdef$/)
})

test('what a deployment would resolve is refused, unless something else takes its place', async (t) => {
  const section = (lines) => `custom:\n  stateseal:\n    ${lines.join('\n    ')}\n`
  for (const [lines, message, instead] of [
    [
      [`region: ${variable("opt:region, 'eu-west-1'")}`],
      /^error: custom\.stateseal\.region in serverless\.yml holds the variable \$\{opt:region, 'eu-west-1'\}, .* Give --region or set STATESEAL_REGION$/,
      ['--region', 'us-east-1'],
    ],
    [
      ['encryption:', '  serverSideEncryption: aws:kms', '  kmsKeyArn: !GetAtt Key.Arn'],
      /^error: custom\.stateseal\.encryption\.kmsKeyArn in serverless\.yml holds the CloudFormation function Fn::GetAtt, .* Give --sse-kms-key-id or set STATESEAL_SSE_KMS_KEY_ID$/,
      ['--sse-kms-key-id', 'alias/x'],
    ],
    [
      [`encryption: { stages: { prod: { sse: "${variable('ssm:/sse')}" } } }`, 'stage: prod'],
      /^error: custom\.stateseal\.encryption\.stages\.prod\.sse in .* variable \$\{ssm:\/sse\}/,
      ['--sse', 'AES256'],
    ],
    [
      [`encryption: { sse: aws:kms, encryptionContext: { app: "${variable('self:service')}" } }`],
      /encryptionContext\.app in .* Give --sse-kms-encryption-context/,
      ['--sse-kms-encryption-context', 'app=api'],
    ],
    [
      [`encryption: { sseCustomerKey: "${variable('env:KEY')}" }`],
      /Give --sse-customer-key-file or set STATESEAL_SSE_CUSTOMER_KEY$/,
    ],
    [
      [`encryption: ${variable('file(enc.yml)')}`],
      /^error: custom\.stateseal\.encryption in .* Give the value by flags, and --no-config$/,
    ],
  ]) {
    const cwd = folder(t, { 'serverless.yml': section(lines) })
    const sse = lines[0].startsWith('region') ? ['--sse', 'AES256'] : []
    const { code, stderr } = await cli(t, ['headers', ...sse], { cwd })
    assert.equal(code, 2, stderr)
    assert.match(stderr.trimEnd(), message)
    if (instead) assert.equal((await cli(t, ['headers', ...sse, ...instead], { cwd })).code, 0, lines.join())
  }
})

test('files that are wrong', async (t) => {
  for (const [files, message] of [
    [
      { 'serverless.yml': 'stateseal:\n  a: 1\n  a: 2\n' },
      /^error: serverless\.yml is not valid YAML: line 3, column 3: "a" stands/,
    ],
    [{ 'serverless.yml': 'stateseal: [\n' }, /^error: serverless\.yml is not valid YAML: line/],
    [
      { 'serverless.yml': 'stateseal: { region: a }\ncustom: { stateseal: { region: b } }\n' },
      /stateseal and custom\.stateseal in serverless\.yml differ/,
    ],
    [{ 'serverless.yml': 'stateseal: AES256\n' }, /stateseal in serverless\.yml is not a list of settings/],
    [
      { 'serverless.yml': 'stateseal: { regoin: a }\n' },
      /stateseal\.regoin in serverless\.yml is not a setting; did you mean "region"\?/,
    ],
    [{ 'serverless.yml': 'stateseal: { credentials: { accessKeyId: x } }\n' }, /credentials do not belong into a file/],
    [
      { 'serverless.yml': 'stateseal: { encryption: { kmsKye: x } }\n' },
      /encryption\.kmsKye is not an encryption setting/,
    ],
    [
      { 'serverless.yml': 'stateseal: { maxAttempts: many }\n' },
      /maxAttempts must not be a string \(stateseal\.maxAttempts in serverless\.yml\)/,
    ],
    [{ 'package.json': '{ "stateseal": {' }, /^error: package\.json is not valid JSON/],
  ]) {
    const { code, stderr } = await cli(t, ['put', '-', 's3://b/k', '--endpoint', 'http://127.0.0.1:9'], {
      cwd: folder(t, files),
    })
    assert.equal(code, 2, stderr)
    assert.match(stderr, message)
    assert.match(stderr, /^[^\n]+\n$/)
  }
  const none = await cli(t, ['headers', '--config', 'a.yml'], { cwd: folder(t, { 'a.yml': 'service: x\n' }) })
  assert.match(none.stderr, /^error: a\.yml has no stateseal key/)
})

test('every kind of value from a variable', async (t) => {
  const mock = await startMock(t)
  const env = {
    STATESEAL_BUCKET: 'b',
    STATESEAL_ENDPOINT: mock.endpoint,
    STATESEAL_FORCE_PATH_STYLE: 'true',
    STATESEAL_REGION: 'eu-north-1',
    STATESEAL_MAX_ATTEMPTS: '1',
    STATESEAL_PROXY: 'none',
    STATESEAL_SSE: 'aws:kms',
    STATESEAL_SSE_KMS_ENCRYPTION_CONTEXT: '{"app":"api"}',
    STATESEAL_EXPECTED_BUCKET_OWNER: '111122223333',
    HTTP_PROXY: 'http://127.0.0.1:9',
  }
  const { code, stderr } = await cli(t, ['put', '-', 'key'], { env, input: 'x' })
  assert.equal(code, 0, stderr)
  const [{ path, headers }] = mock.puts()
  assert.match(path, /^\/b\/key/)
  assert.match(headers.authorization, /eu-north-1/)
  assert.equal(headers['x-amz-expected-bucket-owner'], '111122223333')
  assert.equal(headers['x-amz-server-side-encryption-context'], Buffer.from('{"app":"api"}').toString('base64'))
  for (const [name, value, message] of [
    ['STATESEAL_FORCE_PATH_STYLE', 'maybe', /^error: STATESEAL_FORCE_PATH_STYLE must be true or false/],
    ['STATESEAL_MAX_ATTEMPTS', 'x', /^error: STATESEAL_MAX_ATTEMPTS must be a number/],
    ['STATESEAL_REGION', 'no/where', /^error: region is .*\(STATESEAL_REGION\)/],
  ]) {
    const wrong = await cli(t, ['put', '-', 'key'], { env: { ...env, [name]: value } })
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, message)
  }
})

test('a flag can be turned off again, and certificates are files beside the settings', async (t) => {
  const mock = await startMock(t)
  const cwd = folder(t, { 'serverless.yml': 'stateseal: { useFipsEndpoint: true, ca: ./corp.pem }\n', 'corp.pem': 'x' })
  const args = ['put', '-', 's3://b/k', ...toServer(mock), '--no-use-fips-endpoint']
  const bad = await cli(t, args, { cwd })
  assert.equal(bad.code, 2)
  assert.match(bad.stderr, /^error: ca is not a certificate in PEM \(stateseal\.ca in serverless\.yml\)|^error: ca\b/)
  const gone = await cli(t, args, { cwd: folder(t, { 'serverless.yml': 'stateseal: { ca: [none.pem] }\n' }) })
  assert.match(gone.stderr, /^error: stateseal\.ca in serverless\.yml cannot be read: ENOENT/)
  assert.equal((await cli(t, ['headers', '--no-json', '--sse', 'AES256', '--json=false'])).code, 0)
})

test("a proxy's password on the command line is warned of", async (t) => {
  const mock = await startMock(t)
  const args = ['put', '-', 's3://b/k', '--dry-run', '--sse', 'AES256', '--endpoint', mock.endpoint]
  const shown = await cli(t, [...args, '--proxy', 'http://me:planted@127.0.0.1:9'])
  assert.match(shown.stderr, /^warning: --proxy shows its password/)
  assert.ok(!(shown.stdout + shown.stderr).includes('planted'))
  assert.equal((await cli(t, args, { env: { STATESEAL_PROXY: 'http://me:planted@127.0.0.1:9' } })).stderr, '')
})

test('the URL of a bucket in its place', async (t) => {
  const mock = await startMock(t)
  const args = ['put', '-', '--bucket-endpoint', '--bucket', `${mock.endpoint}/b`, '--key', 'k/state']
  const { code, stderr } = await cli(t, args, { input: 'x' })
  assert.equal(code, 0, stderr)
  assert.match(mock.puts()[0].path, /^\/b\/k\/state/)
})

test('a key that stands in a file is used, with a warning', async (t) => {
  const key = 'plantedcustomerkey-0123456789abc'
  const cwd = folder(t, { 'package.json': { stateseal: { encryption: { sseCustomerKey: key } } } })
  const { code, stdout, stderr } = await cli(t, ['headers'], { cwd })
  assert.equal(code, 0)
  assert.match(stderr, /^warning: stateseal\.encryption\.sseCustomerKey in package\.json shows the key/)
  assert.ok(!(stdout + stderr).includes(key))
})
