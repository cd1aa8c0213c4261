// What may stand under `custom.stateseal`. What an encryption may say is checked by stateseal itself,
// whose errors name the setting and the remedy; a schema's would not.
const { settingNames } = require('../../bin/settings.js')

const text = { type: 'string', minLength: 1 }

/** What the plugin takes. */
const SETTINGS = {
  encryption: { anyOf: [text, { type: 'object' }] },
  expectedBucketOwner: { type: 'string', pattern: '^\\d{12}$' },
  proxy: { anyOf: [text, { const: false }] },
  noProxy: text,
  ca: { anyOf: [text, { type: 'array', items: text }] },
  allowInsecureLoopback: { type: 'boolean' },
}

// The command line reads this section, too, and checks what it alone takes when it runs.
const others = Object.fromEntries(settingNames().map((name) => [name, {}]))

const schema = { type: 'object', properties: { ...others, ...SETTINGS }, additionalProperties: false }

module.exports = { SETTINGS, schema }
