// The real command, as a process of its own.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const COMMAND = fileURLToPath(new URL('../../bin/stateseal.js', import.meta.url))

/** A folder of its own with these files; a file's content that is not text or bytes is written as JSON. */
export function folder(t, files = {}) {
  const name = mkdtempSync(path.join(tmpdir(), 'stateseal-cli-'))
  t.after(() => rmSync(name, { recursive: true, force: true }))
  for (const [file, content] of Object.entries(files)) {
    const isRaw = typeof content === 'string' || content instanceof Uint8Array
    writeFileSync(path.join(name, file), isRaw ? content : JSON.stringify(content))
  }
  return name
}

/** The environment of a run: nothing of this machine's AWS or terminal, and what a test adds. */
export function environment(more = {}) {
  const { PATH, SystemRoot } = process.env
  return {
    ...{ PATH, ...(SystemRoot && { SystemRoot }), HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-real-secret', AWS_REGION: 'us-east-1' },
    ...more,
  }
}

/** Starts it in an empty folder, unless `cwd` is given. */
export function start(t, args, { cwd = folder(t), env = {} } = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env: environment(env) })
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      out[name] += text
    })
  }
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...out })))
  t.after(() => child.kill('SIGKILL'))
  return { child, ended, out }
}

/** Runs it to its end: `{ code, stdout, stderr }`. */
export async function cli(t, args, { input = '', ...options } = {}) {
  const { child, ended } = start(t, args, options)
  // It may end without reading.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return await ended
}

const IN_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'

/** Runs it in a terminal, which shows both outputs: `{ code, stdout }`. */
export async function inTerminal(t, args, { cwd = folder(t), env = {} } = {}) {
  const child = spawn('python3', ['-c', IN_TERMINAL, process.execPath, COMMAND, ...args], {
    cwd,
    env: environment({ TERM: 'xterm', ...env }),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  t.after(() => child.kill('SIGKILL'))
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  return { code, stdout }
}

/** The options that lead to a stand-in for S3. */
export function toServer({ endpoint }) {
  return ['--endpoint', endpoint, '--force-path-style', '--max-attempts', '1']
}
