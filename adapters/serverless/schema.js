// What may stand under `custom.stateseal`. What an encryption may say is checked by stateseal itself,
// whose errors name the setting and the remedy; a schema's would not.
const text = { type: 'string', minLength: 1 }

module.exports.schema = {
  type: 'object',
  properties: {
    encryption: { anyOf: [text, { type: 'object' }] },
    expectedBucketOwner: { type: 'string', pattern: '^\\d{12}$' },
    proxy: { anyOf: [text, { const: false }] },
    noProxy: text,
    ca: { anyOf: [text, { type: 'array', items: text }] },
    allowInsecureLoopback: { type: 'boolean' },
  },
  additionalProperties: false,
}
