const { enforcementPolicy } = require('../../index.js')
const { printPolicy } = require('../policy-output.js')

/** `stateseal policy bucket` */
module.exports.execute = async function execute({ values, settings }) {
  const { mode, tls } = values
  return printPolicy(enforcementPolicy, settings, { mode, tls })
}
