// Compares uploads of state with those of other packages. Every round measures every peer once, one
// after the other; the table shows medians.
//
// npm run benchmark [-- [--quick] [--peers=stateseal,@aws-sdk/client-s3] [--only=start,warm,parallel,buffer,file]]
const { fork, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { createCertificate } = require('../testing/certificate.js')

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, peers: { type: 'string' }, only: { type: 'string' } },
})
const { quick } = options
const chosen = (list, name) => !list || list.split(',').includes(name)
const cache = process.env.STATESEAL_CACHE ?? path.join(__dirname, '..', '.cache')
const packages = path.join(cache, 'benchmark')
const LARGE = 256 * 2 ** 20

// More certificates to trust would be read by those peers only that heed these variables.
const { NODE_EXTRA_CA_CERTS, AWS_CA_BUNDLE, ...ENVIRONMENT } = process.env

const ALL = Object.keys(require('./peers.js')(() => {}))
const [OURS, SDK] = ALL
const PEERS = ALL.filter((peer) => chosen(options.peers, peer) || peer === OURS || peer === SDK)

// Scenario, transport, rounds, and the columns: name, field, and whether more is better.
const SCENARIOS = [
  ['start', 'http', 15, [['load + first put, http, ms', 'ms']]],
  ['start', 'https', 15, [['load + first put, https, ms', 'ms']]],
  [
    'warm',
    'http',
    7,
    [
      ['warm put p50, ms', 'p50'],
      ['warm put p99, ms', 'p99'],
      ['CPU per put, ms', 'cpu'],
    ],
  ],
  [
    'warm',
    'https',
    5,
    [
      ['warm put p50, https, ms', 'p50'],
      ['CPU per put, https, ms', 'cpu'],
    ],
  ],
  ['parallel', 'http', 5, [['32 at once, puts/s', 'perSecond', true]]],
  [
    'buffer',
    'http',
    3,
    [
      ['256 MiB Buffer, MiB/s', 'rate', true],
      ['… memory above base, MiB', 'memory'],
      ['… event-loop delay, ms', 'delay'],
    ],
  ],
  [
    'file',
    'http',
    3,
    [
      ['256 MiB file, MiB/s', 'rate', true],
      ['… memory above base, MiB', 'memory'],
      ['… event-loop delay, ms', 'delay'],
    ],
  ],
  ['file', 'https', 3, [['256 MiB file, https, MiB/s', 'rate', true]]],
]

function install() {
  fs.mkdirSync(packages, { recursive: true })
  fs.copyFileSync(path.join(__dirname, 'package.json'), path.join(packages, 'package.json'))
  const { status } = spawnSync(
    'npm',
    ['install', '--prefix', packages, '--no-audit', '--no-fund', '--loglevel=error'],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  )
  if (status !== 0) throw new Error('The packages to compare with could not be installed')
}

function startSink(...files) {
  const sink = fork(path.join(__dirname, 'sink.js'), files)
  return new Promise((resolve, reject) => {
    sink.once('error', reject)
    sink.once('message', (port) => resolve({ port, stop: () => sink.disconnect() }))
  })
}

function measure(peer, scenario, settings) {
  const child = spawnSync(process.execPath, ['--no-warnings', path.join(__dirname, 'measure.js'), peer, scenario], {
    env: { ...ENVIRONMENT, BENCHMARK: JSON.stringify(settings), AWS_EC2_METADATA_DISABLED: 'true' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return child.status === 0 && child.stdout ? JSON.parse(child.stdout) : null
}

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]
const show = (number) =>
  number === undefined ? '–' : number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2)

async function main() {
  install()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stateseal-benchmark-'))
  const { ca, cert, key } = await createCertificate({ cache, install: true })
  const file = (name, content) => {
    fs.writeFileSync(path.join(folder, name), content)
    return path.join(folder, name)
  }
  const large = file('large.bin', Buffer.alloc(LARGE, 'state'))
  const sinks = { http: await startSink(), https: await startSink(file('cert.pem', cert), file('key.pem', key)) }
  const rows = []
  try {
    for (const [scenario, transport, fullRounds, columns] of SCENARIOS) {
      if (!chosen(options.only, scenario)) continue
      const rounds = quick ? Math.min(fullRounds, 2) : fullRounds
      const secure = transport === 'https'
      const settings = {
        endpoint: `${transport}://127.0.0.1:${sinks[transport].port}`,
        ca: secure ? ca : undefined,
        packages,
        file: large,
        large: LARGE,
        warmUp: 300,
        puts: quick ? 500 : 3000,
      }
      const results = Object.fromEntries(PEERS.map((peer) => [peer, []]))
      for (let round = 0; round < rounds; round++) {
        for (const peer of PEERS) {
          const result = measure(peer, scenario, settings)
          if (result) results[peer].push(result)
        }
        process.stderr.write('.')
      }
      for (const [name, field, moreIsBetter] of columns) {
        const values = PEERS.map((peer) => median(results[peer].map((result) => result[field])))
        const [ours, sdk] = [values[PEERS.indexOf(OURS)], values[PEERS.indexOf(SDK)]]
        rows.push([name, ...values.map(show), show(moreIsBetter ? ours / sdk : sdk / ours)])
      }
    }
  } finally {
    for (const sink of Object.values(sinks)) sink.stop()
    fs.rmSync(folder, { recursive: true })
  }
  const header = ['', ...PEERS, `${OURS} : ${SDK}, times better`]
  console.log(`\n${os.cpus().length} × ${os.cpus()[0].model}, Node ${process.version}, ${process.platform}\n`)
  for (const row of [header, header.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`)
}

main()
