const { checkBucket } = require('../../facade/check.js')
const { told } = require('../hint.js')
const { overHost } = require('../settings.js')
const { frameworkError } = require('./error.js')
const { clientSettings } = require('./provider.js')

const COMMANDS = {
  stateseal: {
    usage: 'Encrypted deployments',
    commands: {
      check: {
        usage: 'Check whether the deployment bucket takes what this service uploads',
        lifecycleEvents: ['check'],
        options: {
          probe: { usage: 'Also put a few bytes into the bucket, and delete them again', type: 'boolean' },
        },
      },
    },
  },
}

/** Runs the doctor on the deployment bucket, prints what it finds, and fails if uploads would. */
async function checkDeploymentBucket(serverless, aws, config, { writeText = console.log } = {}) {
  const bucket = await aws.getServerlessDeploymentBucketName()
  const { service } = serverless.service
  const key = `${aws.getDeploymentPrefix()}/${service}/${config.stage}/serverless-state.json`
  const { probe = false } = serverless.processedInput.options
  const settings = overHost(await clientSettings(aws), config)
  const { ok, encryption, findings } = await checkBucket({ ...settings, bucket, key, probe })
  const lines = findings.map((finding) => `${finding.status.padEnd(8)} ${finding.id}: ${sentence(finding)}`)
  const asked = encryption ? [`asks for ${JSON.stringify(encryption.requested)} (${encryption.source})`] : []
  writeText([`Bucket ${bucket}`, ...asked, ...lines].join('\n'))
  if (ok) return
  const problems = findings.filter(({ status }) => status === 'problem').map(sentence)
  throw frameworkError(serverless, problems.join('\n'), 'STATESEAL_CHECK_FAILED')
}

const sentence = ({ message, remedy }) => told({ message, hint: remedy })

module.exports = { COMMANDS, checkDeploymentBucket }
