const http = require('node:http')
const { packageFolder, python } = require('./packages.js')
const { freePorts, startServer } = require('./server-process.js')
const { signedRequest } = require('./signed-request.js')

/** Starts moto as a KMS; `createKey` and its kin speak to it. */
async function startKms({ region, credentials, ...options }) {
  const folder = await packageFolder('moto', options)
  let endpoint
  const server = await startServer('moto', async () => {
    const [port] = await freePorts(1)
    endpoint = `http://127.0.0.1:${port}`
    return {
      command: python(),
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
      ready: () => answers(`${endpoint}/moto-api/data.json`),
    }
  })
  const call = async (action, input) => {
    const { status, body } = await signedRequest({
      endpoint,
      method: 'POST',
      service: 'kms',
      region,
      credentials,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${action}` },
      body: JSON.stringify(input),
    })
    if (status !== 200) throw new Error(`KMS ${action}: ${status} ${body}`)
    return body.length ? JSON.parse(body) : {}
  }
  const createKey = async (alias) => {
    const { KeyMetadata: key } = await call('CreateKey', {})
    if (alias) await call('CreateAlias', { AliasName: alias, TargetKeyId: key.KeyId })
    return {
      keyId: key.KeyId,
      keyArn: key.Arn,
      ...(alias && { alias, aliasArn: key.Arn.replace(/:key\/.*/, `:${alias}`) }),
    }
  }
  return {
    endpoint,
    stop: server.stop,
    createKey,
    disableKey: (KeyId) => call('DisableKey', { KeyId }),
    scheduleKeyDeletion: (KeyId) => call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 }),
  }
}

/** Whether an HTTP server answers 200 at `url`. */
function answers(url) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      .on('error', reject)
  })
}

module.exports = { startKms }
