// docs/api.md is what the types say, and the types say something of everything.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { apiReference } from '../.ci/api-reference.mjs'

test('docs/api.md is current: npm run docs', () => {
  const written = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8')
  assert.ok(written === apiReference(), 'docs/api.md differs from the types: run npm run docs')
})

test('every function and class of the types is described', () => {
  const sections = apiReference().split(/^### /m).slice(1)
  assert.ok(sections.length > 50)
  for (const section of sections) {
    const [name, , first] = section.split('\n')
    const isCallable = /^```ts\n(function|class)/m.test(section)
    if (isCallable) assert.ok(first && !first.startsWith('```'), `${name} has no description`)
  }
})
