// The examples, as their README starts them. Each asserts its own result.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cache } from './support/local.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(new URL('../examples/README.md', import.meta.url), 'utf8')
const commands = readdirSync(new URL('../examples', import.meta.url)).flatMap((name) =>
  ['run.js', 'run.mjs'].map((file) => `examples/${name}/${file}`).filter((file) => existsSync(`${root}/${file}`)),
)

test('the README has each example', () => {
  const named = [...readme.matchAll(/`node (examples\/\S+)`/g)].map(([, file]) => file)
  assert.deepEqual(named.sort(), commands.sort())
})

// The demo has tests of its own. The others wait for servers and frameworks most of the time.
describe('each asserts its result', { concurrency: 2 }, () => {
  for (const file of commands.filter((command) => !command.includes('/demo/'))) {
    test(file, async () => {
      const env = { ...process.env, STATESEAL_CACHE: cache }
      const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', file], { cwd: root, env })
      assert.match(stdout, /^stored: /m)
    })
  }
})
