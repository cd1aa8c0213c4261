// The JavaScript tests that need nothing but Node and the addon: no Rust, Python or other tool. So
// an addon is tested on its own system (see .github/workflows/build.yml).
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const TOPICS = [
  'arguments',
  'bodies',
  'differential-endpoints',
  'differential-errors',
  'encryption',
  'errors',
  'exit',
  'mirror',
  'package',
  'region',
  'secrets',
  'verification',
]

const files = TOPICS.map((topic) => `__test__/${topic}.test.mjs`)
execFileSync(process.execPath, ['--no-warnings', '--test', ...files], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
})
