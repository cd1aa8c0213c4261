const { uploaderPolicy } = require('../../index.js')
const { OBJECT } = require('../options.js')
const { printPolicy } = require('../policy-output.js')

/** `stateseal policy iam` */
module.exports.execute = async function execute({ values, settings }) {
  const fields = OBJECT.map(({ flag, field }) => [field, values[flag]])
  return printPolicy(uploaderPolicy, settings, {
    ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
    key: values.key,
    kmsKeyArns: values['kms-key-arn'],
    multipart: values.multipart,
    explainRefusals: values['explain-refusals'],
    enforce: values.enforce,
  })
}
