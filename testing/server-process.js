const { spawn } = require('node:child_process')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { python, pythonNotFound } = require('./packages.js')

const GUARD = path.join(__dirname, 'guard.py')
// What a server last said, for the error that it did not start.
const KEPT = 4000

/** `count` ports of 127.0.0.1 that were free a moment ago. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = net.createServer()
      return new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', () => resolve(server))
      })
    }),
  )
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/**
 * Starts a server in a folder of its own and waits until `ready()` is true.
 *
 * `prepare(folder)` gives `{ command, args, env?, files?, ready }`; it is called again, with other ports,
 * if another process took a port meanwhile. `stop()` kills the server and removes the folder and `files`.
 */
async function startServer(name, prepare, { tries = 3, timeout = 60_000 } = {}) {
  for (let attempt = 1; ; attempt++) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), `stateseal-${name}-`))
    const { ready, ...program } = await prepare(folder)
    const server = launch(folder, program)
    const problem = await waitUntilReady(server, ready, timeout)
    if (!problem) return server
    await server.stop()
    if (attempt === tries) throw new Error(`${name} did not start (${problem}):\n${server.output()}`)
  }
}

function launch(folder, { command, args, env, files = [] }) {
  const child = spawn(python(), [GUARD, folder, ...files, '--', command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-KEPT)
    })
    stream.unref()
  }
  child.stdin.on('error', () => {})
  // A host that forgets stop() still ends, and the server with it.
  child.unref()
  child.stdin.unref()
  const ended = new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', (error) => {
      output += error.code === 'ENOENT' ? pythonNotFound() : error.message
      resolve()
    })
  })
  return {
    pid: child.pid,
    output: () => output,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined,
    async stop() {
      child.ref()
      child.stdin.end()
      await ended
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What kept the server from being ready, or nothing. */
async function waitUntilReady(server, ready, timeout) {
  const until = Date.now() + timeout
  let problem = 'it ended'
  while (Date.now() < until && !server.hasEnded()) {
    try {
      if (await ready()) return server.hasEnded() ? 'it ended' : undefined
      problem = 'it answered and was not ready'
    } catch (error) {
      // Refused connections are what waiting looks like.
      problem = error.cause?.message ?? error.message
    }
    await sleep(50)
  }
  return problem
}

module.exports = { freePorts, startServer }
