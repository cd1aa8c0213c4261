const { COMMON, CONNECTION, ENCRYPTION, OBJECT, TRANSFER } = require('./options.js')

const BUCKET = {
  flag: 'bucket',
  value: '<name>',
  setting: 'bucket',
  help: 'Bucket, where the command line names none',
}

const KEY = { flag: 'key', value: '<key>', help: 'Key of the object, where the target names none' }

const STRICT = { flag: 'strict', type: 'boolean', help: 'What is not certain counts as a problem' }

/** Of a request that a policy is asked about. */
const REQUEST = [
  { flag: 'operation', value: '<name>', help: 'Operation of S3, or an IAM action. Default: PutObject' },
  {
    flag: 'header',
    type: 'pairs',
    value: '<name=value>',
    help: 'Header as it goes on the wire. Repeatable',
  },
  {
    flag: 'context',
    type: 'context',
    value: '<key=value>',
    help: 'What is known of a condition key, such as aws:SourceVpce=vpce-1. Repeatable',
  },
  BUCKET,
  { ...KEY, help: 'Key of the object, where the target names none. Default: state.json' },
]

const pick = (options, ...flags) => options.filter(({ flag }) => flags.includes(flag))

/** Of a policy that is written. */
const PLACE = [{ ...BUCKET, help: 'Name or ARN of the bucket' }, ...pick(CONNECTION, 'region')]
const KEYS = { flag: 'key', type: 'list', value: '<key>', help: 'Key, * stands for anything. Repeatable. Default: *' }

/** Every command: what it takes, its help, and the file that does it, which is loaded when it runs. */
const COMMANDS = [
  {
    name: 'put',
    summary: 'Store a file or standard input, encrypted, and verify the reply',
    usage: '<file | -> [s3://bucket/key | key]',
    operands: 2,
    options: [
      { flag: 'dry-run', type: 'boolean', help: 'Show the request, signed and redacted, and send nothing' },
      { flag: 'progress', type: 'boolean', help: 'Show a bar for long uploads. Default: on a terminal' },
      BUCKET,
      KEY,
      ...OBJECT,
      ...TRANSFER,
      ...ENCRYPTION,
      ...CONNECTION,
      ...COMMON,
    ],
    examples: [
      ['stateseal put state.json s3://my-state/api/state.json', "encrypted as the bucket's default says"],
      ['stateseal put state.json s3://my-state/api/ --sse AES256', 'a key that ends in / gets the name of the file'],
      ['terraform output -json | stateseal put - s3://my-state/outputs.json --content-type application/json', ''],
      ['stateseal put state.json s3://my-state/api/state.json --if-none-match "*" --json', 'only where there is none'],
    ],
    load: () => require('./commands/put.js'),
  },
  {
    name: 'check',
    summary: 'Check a bucket: will it take the upload, and is the state safe in it',
    usage: '[s3://bucket/key]',
    operands: 1,
    options: [
      { flag: 'probe', type: 'boolean', help: 'Put a few bytes, too, and delete them again' },
      { ...STRICT, help: 'Warnings and missing permissions count as problems' },
      BUCKET,
      { ...KEY, help: 'Key of the uploads, for policies that look at it' },
      {
        flag: 'kms-endpoint',
        value: '<url>',
        setting: 'kmsEndpoint',
        help: 'Where KMS answers. Default: AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL, AWS',
      },
      ...ENCRYPTION,
      ...CONNECTION,
      ...COMMON,
    ],
    examples: [
      ['stateseal check s3://my-state/api/state.json', 'reads only'],
      ['stateseal check --bucket my-state --probe --strict --json', 'for a pipeline, before it deploys'],
    ],
    load: () => require('./commands/check.js'),
  },
  {
    name: 'explain',
    summary: 'Say whether a bucket policy lets a request pass, and which statement decides',
    usage: '[policy.json | -] [s3://bucket/key]',
    operands: 2,
    options: [...REQUEST, STRICT, ...ENCRYPTION, ...CONNECTION, ...COMMON],
    examples: [
      ['stateseal explain policy.json s3://my-state/api/state.json --sse AES256', 'offline'],
      ['stateseal explain s3://my-state/api/state.json', "the bucket's own policy, and the put as it would be sent"],
      ['stateseal explain policy.json --bucket my-state --context aws:SourceVpce=vpce-1 --json', ''],
    ],
    load: () => require('./commands/explain.js'),
  },
  {
    name: 'suggest',
    summary: 'List the encryption settings that a bucket policy accepts',
    usage: '[policy.json | -] [s3://bucket/key]',
    operands: 2,
    options: [
      ...REQUEST,
      {
        flag: 'kms-key-arn',
        type: 'list',
        value: '<arn>',
        help: 'Full ARN of a KMS key of yours, to be tried beside those that the policy names. Repeatable',
      },
      ...CONNECTION,
      ...COMMON,
    ],
    examples: [
      ['stateseal suggest policy.json --bucket my-state', 'offline'],
      ['stateseal suggest --bucket my-state', "the bucket's own policy"],
    ],
    load: () => require('./commands/suggest.js'),
  },
  {
    name: 'policy bucket',
    summary: 'Write a bucket policy that refuses uploads with any other encryption',
    usage: '',
    operands: 0,
    options: [
      ...PLACE,
      {
        flag: 'mode',
        value: '<mode>',
        help: 'strict, or default-friendly: an upload may leave the encryption to the bucket. Default: strict',
      },
      {
        flag: 'tls',
        type: 'tls',
        value: '<version>',
        help: 'true: https only; 1.2 or 1.3: with at least this version; false. Default: true',
      },
      ...ENCRYPTION,
      ...COMMON,
    ],
    examples: [
      ['stateseal policy bucket --bucket my-state --sse aws:kms --sse-kms-key-id arn:aws:kms:…:key/…', ''],
      ['stateseal policy bucket --bucket my-state --sse AES256 --mode default-friendly --tls 1.2 > policy.json', ''],
    ],
    load: () => require('./commands/policy-bucket.js'),
  },
  {
    name: 'policy iam',
    summary: 'Write the IAM policy of who uploads: what these uploads do, and no more',
    usage: '',
    operands: 0,
    options: [
      ...PLACE,
      KEYS,
      {
        flag: 'kms-key-arn',
        type: 'list',
        value: '<arn>',
        help: "Full ARN of a KMS key of the bucket's default encryption, where no encryption is set. Repeatable",
      },
      { flag: 'multipart', type: 'boolean', help: 'Allow uploads in parts. Default: on' },
      { flag: 'explain-refusals', type: 'boolean', help: "Allow reading the bucket's policy. Default: on" },
      { flag: 'enforce', type: 'boolean', help: 'Deny puts with any other encryption. Default: on' },
      ...pick(CONNECTION, 'expected-bucket-owner'),
      ...pick(TRANSFER, 'leave-parts-on-error'),
      ...pick(OBJECT, 'tag', 'if-match', 'if-none-match', 'acl', 'object-lock-mode'),
      ...pick(OBJECT, 'object-lock-retain-until-date', 'object-lock-legal-hold-status'),
      ...ENCRYPTION,
      ...COMMON,
    ],
    examples: [
      ['stateseal policy iam --bucket my-state --key "api/*" --sse aws:kms --sse-kms-key-id arn:aws:kms:…:key/…', ''],
      ['stateseal policy iam --bucket my-state --kms-key-arn arn:aws:kms:…:key/… --no-multipart', ''],
    ],
    load: () => require('./commands/policy-iam.js'),
  },
  {
    name: 'policy kms',
    summary: "Write the policy of the KMS key that encrypts a bucket's state",
    usage: '',
    operands: 0,
    options: [
      ...PLACE,
      KEYS,
      { flag: 'account-id', value: '<account>', help: "Account that owns the key. Default: that of the key's ARN" },
      {
        flag: 'principal',
        type: 'list',
        value: '<arn>',
        help: "Role, user or account that may use the key. Repeatable. Default: everyone in the key's account",
      },
      ...ENCRYPTION,
      ...COMMON,
    ],
    examples: [
      ['stateseal policy kms --bucket my-state --sse aws:kms --sse-kms-key-id arn:aws:kms:…:key/…', ''],
      [
        'stateseal policy kms --bucket my-state --sse aws:kms --account-id 111122223333 --region eu-west-1 --principal arn:aws:iam::111122223333:role/deploy',
        '',
      ],
    ],
    load: () => require('./commands/policy-kms.js'),
  },
  {
    name: 'headers',
    summary: 'Show the encryption headers of an S3 operation',
    usage: '',
    operands: 0,
    options: [
      {
        flag: 'operation',
        value: '<name>',
        help: 'PutObject, CreateMultipartUpload, CopyObject, UploadPart, UploadPartCopy, CompleteMultipartUpload, GetObject or HeadObject. Default: PutObject',
      },
      BUCKET,
      ...ENCRYPTION,
      ...CONNECTION,
      ...COMMON,
    ],
    examples: [
      ['stateseal headers --sse aws:kms --sse-kms-key-id alias/state', ''],
      ['stateseal headers --bucket my-state', "what the bucket's default asks for"],
      ['stateseal headers --sse-customer-key-file state.key --operation UploadPart', 'keys are not shown'],
    ],
    load: () => require('./commands/headers.js'),
  },
]

module.exports = { COMMANDS }
