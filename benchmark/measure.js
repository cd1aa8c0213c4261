// One measurement in a process of its own: node measure.js PEER SCENARIO. Settings come in the
// environment variable BENCHMARK, the result goes to standard output, both as JSON.
const { performance, monitorEventLoopDelay } = require('node:perf_hooks')
const { createRequire } = require('node:module')
const path = require('node:path')
const { pathToFileURL } = require('node:url')

const [peer, scenario] = process.argv.slice(2)
const settings = JSON.parse(process.env.BENCHMARK)
const required = createRequire(path.join(settings.packages, 'package.json'))
const load = (name) => required(name)
load.esm = (name) => import(pathToFileURL(required.resolve(name)).href)

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'not-a-real-secret' }
const BODY = Buffer.alloc(10_240, 'state')

const peers = require('./peers.js')(load)

async function open() {
  const { endpoint, ca } = settings
  const client = await peers[peer]({ endpoint, ca, region: 'us-east-1', credentials })
  return client ?? process.exit(0)
}

/** A function that tells the peak of resident memory above now, in MiB. */
function watchMemory() {
  const base = process.memoryUsage.rss()
  let peak = base
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 5)
  return () => {
    clearInterval(timer)
    return (Math.max(peak, process.memoryUsage.rss()) - base) / 2 ** 20
  }
}

async function transfer(bytes, send) {
  const peak = watchMemory()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const began = performance.now()
  await send()
  const seconds = (performance.now() - began) / 1000
  delay.disable()
  return { rate: bytes / 2 ** 20 / seconds, memory: peak(), delay: Math.max(0, delay.max / 1e6 - 1) }
}

const scenarios = {
  async start() {
    const began = performance.now()
    const client = await open()
    await client.put('k', BODY)
    return { ms: performance.now() - began }
  },
  async warm() {
    const client = await open()
    for (let i = 0; i < settings.warmUp; i++) await client.put(`k${i}`, BODY)
    const times = []
    const cpu = process.cpuUsage()
    for (let i = 0; i < settings.puts; i++) {
      const began = performance.now()
      await client.put(`k${i}`, BODY)
      times.push(performance.now() - began)
    }
    const { user, system } = process.cpuUsage(cpu)
    times.sort((a, b) => a - b)
    const at = (part) => times[Math.floor(times.length * part)]
    return { p50: at(0.5), p99: at(0.99), cpu: (user + system) / 1000 / settings.puts }
  },
  async parallel() {
    const client = await open()
    let next = 0
    const worker = async (count) => {
      while (next++ < count) await client.put(`k${next}`, BODY)
    }
    const all = (count) => {
      next = 0
      return Promise.all(Array.from({ length: 32 }, () => worker(count)))
    }
    await all(settings.warmUp)
    const began = performance.now()
    await all(settings.puts)
    return { perSecond: settings.puts / ((performance.now() - began) / 1000) }
  },
  async buffer() {
    const client = await open()
    await client.put('k', BODY)
    const body = Buffer.alloc(settings.large, 'state')
    return transfer(body.length, () => client.put('k', body))
  },
  async file() {
    const client = await open()
    if (!client.putFile) return undefined
    await client.put('k', BODY)
    return transfer(settings.large, () => client.putFile('k', settings.file))
  },
}

scenarios[scenario]().then(
  (result) => process.stdout.write(JSON.stringify(result ?? null), () => process.exit()),
  (error) => {
    console.error(`${peer} ${scenario}: ${error.stack}`)
    process.exit(1)
  },
)
