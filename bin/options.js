// The one list of options. `setting` is an option's name in the configuration and in a file,
// `encryption` its name inside `encryption`, `field` a field of the SDK's PutObject input. What has a
// setting has a variable, too. Without a type an option is text.

/** For every command. */
const COMMON = [
  { flag: 'config', value: '<file>', help: 'Read the settings from this file; its name may be any' },
  { flag: 'no-config', type: 'boolean', help: 'Read no file' },
  { flag: 'json', type: 'boolean', help: 'Print one JSON document on standard output' },
  { flag: 'verbose', type: 'boolean', help: 'Say where settings come from, and show the stack of an error' },
  { flag: 'help', short: 'h', type: 'boolean', help: 'Show this help' },
  { flag: 'version', short: 'V', type: 'boolean', help: 'Show the version' },
]

const ENCRYPTION = [
  {
    flag: 'sse',
    value: '<algorithm>',
    setting: 'encryption',
    encryption: 'serverSideEncryption',
    help: "AES256, aws:kms, aws:kms:dsse or bucket-default. Default: what the bucket's default encryption says",
  },
  {
    flag: 'sse-kms-key-id',
    value: '<key>',
    setting: 'encryption',
    encryption: 'sseKMSKeyId',
    help: 'KMS key: id, ARN, alias/… or alias ARN',
  },
  {
    flag: 'sse-kms-encryption-context',
    type: 'pairs',
    value: '<name=value>',
    setting: 'encryption',
    encryption: 'sseKMSEncryptionContext',
    help: 'Pair of the encryption context, or all of it as a JSON object. Repeatable',
  },
  {
    flag: 'bucket-key-enabled',
    type: 'boolean',
    setting: 'encryption',
    encryption: 'bucketKeyEnabled',
    help: 'Use an S3 Bucket Key, for far fewer calls to KMS',
  },
  {
    flag: 'sse-customer-algorithm',
    value: '<AES256>',
    setting: 'encryption',
    encryption: 'sseCustomerAlgorithm',
    help: 'AES256: encrypt with a key of your own (SSE-C), which an upload needs, too',
  },
  {
    flag: 'sse-customer-key-file',
    type: 'customer-key',
    value: '<file>',
    variable: 'STATESEAL_SSE_CUSTOMER_KEY',
    setting: 'encryption',
    encryption: 'sseCustomerKey',
    help: 'File with the 32 bytes of that key, raw or as base64. The variable holds the key itself',
  },
  {
    flag: 'stage',
    value: '<name>',
    setting: 'stage',
    help: 'Stage that is deployed; selects from encryption.stages of the file',
  },
]

const CONNECTION = [
  { flag: 'region', value: '<region>', setting: 'region', help: "Region. Default: AWS_REGION, then the profile's" },
  { flag: 'profile', value: '<name>', setting: 'profile', help: 'Profile of the AWS files. Default: AWS_PROFILE' },
  {
    flag: 'role-arn',
    type: 'list',
    value: '<arn>',
    setting: 'assumeRole',
    help: 'Role to assume. Repeatable: each assumes the next',
  },
  { flag: 'external-id', value: '<id>', variable: 'STATESEAL_EXTERNAL_ID', help: 'External id for the last role' },
  {
    flag: 'role-session-name',
    value: '<name>',
    variable: 'STATESEAL_ROLE_SESSION_NAME',
    help: 'Session name for the last role. Default: stateseal',
  },
  {
    flag: 'endpoint',
    value: '<url>',
    setting: 'endpoint',
    help: 'Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS',
  },
  { flag: 'force-path-style', type: 'boolean', setting: 'forcePathStyle', help: 'Bucket in the path of the URL' },
  {
    flag: 'follow-region-redirects',
    type: 'boolean',
    setting: 'followRegionRedirects',
    help: 'Send once more to the Region that S3 names',
  },
  { flag: 'use-fips-endpoint', type: 'boolean', setting: 'useFipsEndpoint', help: 'FIPS endpoint' },
  { flag: 'use-dualstack-endpoint', type: 'boolean', setting: 'useDualstackEndpoint', help: 'Endpoint with IPv6' },
  { flag: 'use-accelerate-endpoint', type: 'boolean', setting: 'useAccelerateEndpoint', help: 'Transfer Acceleration' },
  { flag: 'use-arn-region', type: 'boolean', setting: 'useArnRegion', help: "The Region of a bucket's ARN counts" },
  {
    flag: 'bucket-endpoint',
    type: 'boolean',
    setting: 'bucketEndpoint',
    help: 'The bucket is given as its URL, by --bucket or in the file',
  },
  { flag: 'max-attempts', type: 'number', value: '<n>', setting: 'maxAttempts', help: 'Attempts in all. Default: 3' },
  { flag: 'retry-mode', value: '<mode>', setting: 'retryMode', help: 'standard or adaptive. Default: standard' },
  {
    flag: 'request-timeout',
    type: 'number',
    value: '<ms>',
    setting: 'requestTimeout',
    help: 'Milliseconds for an answer to begin. Default: 0, no limit',
  },
  {
    flag: 'connection-timeout',
    type: 'number',
    value: '<ms>',
    setting: 'connectionTimeout',
    help: 'Milliseconds to connect. Default: 0, no limit',
  },
  {
    flag: 'proxy',
    type: 'proxy',
    value: '<url>',
    setting: 'proxy',
    help: 'Proxy, or none. Default: HTTPS_PROXY, for http endpoints HTTP_PROXY',
  },
  { flag: 'no-proxy', value: '<hosts>', setting: 'noProxy', help: 'Hosts to reach directly. Default: NO_PROXY' },
  {
    flag: 'ca',
    type: 'certificates',
    value: '<file>',
    setting: 'ca',
    help: "PEM file to trust beside Node's roots. Repeatable",
  },
  {
    flag: 'request-checksum-calculation',
    value: '<when>',
    setting: 'requestChecksumCalculation',
    help: 'WHEN_SUPPORTED or WHEN_REQUIRED. Default: WHEN_SUPPORTED',
  },
  {
    flag: 'expected-bucket-owner',
    value: '<account>',
    setting: 'expectedBucketOwner',
    help: 'Account that must own the bucket',
  },
  { flag: 'user-agent-app-id', value: '<id>', setting: 'userAgentAppId', help: 'Part of the user agent' },
  {
    flag: 'allow-insecure-loopback',
    type: 'boolean',
    setting: 'allowInsecureLoopback',
    help: 'SSE-C over http to this machine, for tests',
  },
]

/** Fields of PutObject. */
const OBJECT = [
  {
    flag: 'content-type',
    value: '<type>',
    field: 'ContentType',
    help: 'Default: application/json for *.json, else application/octet-stream',
  },
  { flag: 'cache-control', value: '<text>', field: 'CacheControl', help: 'Cache-Control of the object' },
  {
    flag: 'content-disposition',
    value: '<text>',
    field: 'ContentDisposition',
    help: 'Content-Disposition of the object',
  },
  { flag: 'content-encoding', value: '<text>', field: 'ContentEncoding', help: 'Content-Encoding of the object' },
  { flag: 'content-language', value: '<text>', field: 'ContentLanguage', help: 'Content-Language of the object' },
  { flag: 'metadata', type: 'pairs', value: '<name=value>', field: 'Metadata', help: 'Metadata. Repeatable' },
  { flag: 'tag', type: 'tags', value: '<name=value>', field: 'Tagging', help: 'Tag. Repeatable' },
  { flag: 'if-match', value: '<etag>', field: 'IfMatch', help: 'Put only over an object with this ETag' },
  { flag: 'if-none-match', value: '<*>', field: 'IfNoneMatch', help: '*: put only where there is no object' },
  { flag: 'acl', value: '<acl>', field: 'ACL', help: 'Canned ACL' },
  { flag: 'storage-class', value: '<class>', field: 'StorageClass', help: 'Storage class' },
  {
    flag: 'checksum-algorithm',
    value: '<name>',
    field: 'ChecksumAlgorithm',
    help: 'CRC32, CRC32C, CRC64NVME, SHA1 or SHA256. Default: CRC32',
  },
  { flag: 'request-payer', value: '<requester>', field: 'RequestPayer', help: 'requester: pay for the request' },
  { flag: 'object-lock-mode', value: '<mode>', field: 'ObjectLockMode', help: 'GOVERNANCE or COMPLIANCE' },
  {
    flag: 'object-lock-retain-until-date',
    type: 'date',
    value: '<date>',
    field: 'ObjectLockRetainUntilDate',
    help: 'End of the retention, as 2027-01-31 or with a time',
  },
  { flag: 'object-lock-legal-hold-status', value: '<on>', field: 'ObjectLockLegalHoldStatus', help: 'ON or OFF' },
]

const TRANSFER = [
  {
    flag: 'part-size',
    type: 'size',
    value: '<bytes>',
    setting: 'partSize',
    help: 'Size of a part: bytes, or such as 16MiB. Default: 5MiB',
  },
  { flag: 'queue-size', type: 'number', value: '<n>', setting: 'queueSize', help: 'Parts sent at once. Default: 4' },
  {
    flag: 'leave-parts-on-error',
    type: 'boolean',
    setting: 'leavePartsOnError',
    help: 'Leave the parts of a failed upload on the server',
  },
  {
    flag: 'audit-file',
    type: 'audit',
    value: '<file>',
    setting: 'audit',
    help: 'Append the audit record of the upload to this file, as a line of JSON',
  },
]

/** The variable that sets an option, or nothing. */
function variableOf({ flag, setting, variable }) {
  return variable ?? (setting && `STATESEAL_${flag.toUpperCase().replaceAll('-', '_')}`)
}

module.exports = { COMMON, CONNECTION, ENCRYPTION, OBJECT, TRANSFER, variableOf }
