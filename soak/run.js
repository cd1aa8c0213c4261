// Uploads for long: memory, handles and threads must stay as they are, with one request in a hundred
// failing. `npm run soak` makes 100,000 uploads; a number as argument makes as many.
const assert = require('node:assert/strict')
const { fork } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { uploadState } = require('stateseal')

const UPLOADS = Number(process.argv[2] ?? 100_000)
const AT_ONCE = 32
const SAMPLES = 20
// Memory may differ by so much between the second and the last quarter; the first warms up.
const TOLERANCE = 0.1
// Errors that a retry does not mend: what uploadState must tell of them.
const TOLD = ['AccessDenied', 'EncryptionNotApplied']

async function main() {
  const server = fork(path.join(__dirname, 'server.js'))
  const unwanted = () => process.exit(1)
  server.on('exit', unwanted)
  const [{ port }] = await once(server, 'message')
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'not-a-real-secret' },
    forcePathStyle: true,
    encryption: 'AES256',
    maxAttempts: 5,
  }
  const errors = {}
  const upload = async (number) => {
    // Of all sizes up to 20 KB.
    const Body = Buffer.alloc((number * 7919) % 20_000, number)
    try {
      await uploadState({ Bucket: 'state', Key: `api/${number}.json`, Body }, config)
    } catch (error) {
      errors[error.name] = (errors[error.name] ?? 0) + 1
    }
  }

  const samples = []
  const started = Date.now()
  for (let sample = 0; sample < SAMPLES; sample++) {
    const first = Math.round((UPLOADS * sample) / SAMPLES)
    const end = Math.round((UPLOADS * (sample + 1)) / SAMPLES)
    let next = first
    const work = async () => {
      while (next < end) await upload(next++)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    samples.push(measure())
    process.stdout.write(`${JSON.stringify({ uploads: end, ...samples.at(-1) })}\n`)
  }
  const seconds = (Date.now() - started) / 1000

  server.send('report')
  const [{ requests, failures }] = await once(server, 'message')
  server.off('exit', unwanted)
  server.disconnect()
  report({ seconds, requests, failures, errors, samples })
}

function measure() {
  globalThis.gc()
  return {
    rssMiB: Math.round((process.memoryUsage.rss() / 2 ** 20) * 10) / 10,
    handles: process.getActiveResourcesInfo().length,
    ...(process.platform === 'linux' && {
      threads: Number(/^Threads:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]),
      // Connections come and go with what is injected; they must not add up.
      files: fs.readdirSync('/proc/self/fd').length,
    }),
  }
}

function report({ seconds, requests, failures, errors, samples }) {
  const quarter = SAMPLES / 4
  const early = samples.slice(quarter, 2 * quarter)
  const late = samples.slice(-quarter)
  const [before, after] = [early, late].map((list) => median(list.map(({ rssMiB }) => rssMiB)))
  const growth = after / before - 1
  console.log(`${UPLOADS} uploads in ${seconds.toFixed(1)} s, ${requests} requests, ${failures} failures injected`)
  console.log(`rejected: ${JSON.stringify(errors)}`)
  console.log(`memory ${before} MiB, then ${after} MiB (${(growth * 100).toFixed(1)} %)`)
  assert.ok(growth <= TOLERANCE, 'memory grows')
  // Threads that block on files and names end when they are idle: fewer is not a leak.
  for (const name of process.platform === 'linux' ? ['handles', 'threads'] : ['handles']) {
    const [most, now] = [early, late].map((list) => Math.max(...list.map((sample) => sample[name])))
    assert.ok(now <= most, `${name} grow from ${most} to ${now}`)
  }
  if (process.platform === 'linux') {
    for (const { files } of samples) assert.ok(files <= samples[0].files + AT_ONCE, `${files} open files`)
  }
  assert.equal(failures, Math.floor(requests / 100))
  for (const name of Object.keys(errors)) assert.ok(TOLD.includes(name), `${name} was not retried`)
  for (const name of TOLD) assert.ok(errors[name] > 0, `${name} was not told`)
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
