const { COMMON, CONNECTION, ENCRYPTION, OBJECT, TRANSFER } = require('./options.js')

const BUCKET = [
  {
    flag: 'bucket',
    type: 'text',
    value: '<name>',
    setting: 'bucket',
    help: 'Bucket, where the command line names none',
  },
]

/** Every command: what it takes, its help, and the file that does it, which is loaded when it runs. */
const COMMANDS = [
  {
    name: 'put',
    summary: 'Store a file or standard input, encrypted, and verify the reply',
    usage: '<file | -> [s3://bucket/key | key]',
    operands: ['file', 'target'],
    options: [
      { flag: 'dry-run', type: 'boolean', help: 'Show the request, signed and redacted, and send nothing' },
      { flag: 'progress', type: 'boolean', help: 'Show a bar for long uploads. Default: on a terminal' },
      { flag: 'key', type: 'text', value: '<key>', help: 'Key, where the target names none' },
      ...BUCKET,
      ...OBJECT,
      ...TRANSFER,
      ...ENCRYPTION,
      ...CONNECTION,
      ...COMMON,
    ],
    examples: [
      ['stateseal put state.json s3://my-state/api/state.json', "encrypted as the bucket's default says"],
      ['stateseal put state.json s3://my-state/api/ --sse AES256', 'a key that ends in / gets the name of the file'],
      ['terraform output -json | stateseal put - s3://my-state/api/outputs.json --content-type application/json', ''],
      ['stateseal put state.json s3://my-state/api/state.json --if-none-match "*" --json', 'only where there is none'],
    ],
    load: () => require('./commands/put.js'),
  },
  {
    name: 'headers',
    summary: 'Show the encryption headers of an S3 operation',
    usage: '',
    operands: [],
    options: [
      {
        flag: 'operation',
        type: 'text',
        value: '<name>',
        help: 'PutObject, CreateMultipartUpload, CopyObject, UploadPart, UploadPartCopy, CompleteMultipartUpload, GetObject or HeadObject. Default: PutObject',
      },
      ...BUCKET,
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
