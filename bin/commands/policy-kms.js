const { kmsKeyPolicy } = require('../../index.js')
const { printPolicy } = require('../policy-output.js')

/** `stateseal policy kms` */
module.exports.execute = async function execute({ values, settings }) {
  return printPolicy(kmsKeyPolicy, settings, {
    key: values.key,
    accountId: values['account-id'],
    principals: values.principal,
  })
}
