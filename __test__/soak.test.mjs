// The soak at a smaller scale: what leaks with every upload shows already.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exec, root } from './support/packed.mjs'

test('memory, handles and threads stay as they are, with failures injected', async () => {
  const told = await exec(process.execPath, ['--expose-gc', 'soak/run.js', '8000'], { cwd: root })
  assert.match(told, /8000 uploads in/)
})
