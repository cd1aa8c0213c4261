// docs/policies.md says what the evaluator says.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { doc, render } from './support/policy-tables.mjs'
import { skip, vectors } from './support/vectors.mjs'

const text = readFileSync(doc, 'utf8')

test('every table is what the evaluator says today', () => {
  const { rendered, count } = render(text)
  assert.equal(rendered, text, 'npm run docs writes the tables anew')
  assert.equal(count, text.match(/```json\n/g).length)
})

test('a drift would be seen', () => {
  const drifted = text.replace('**passes**', 'denied by `X`')
  assert.notEqual(drifted, text)
  assert.equal(render(drifted).rendered, text)
})

test('the published policies are there as they were published', { skip }, () => {
  const policies = [...text.matchAll(/```json\n(.*?)\n```/gs)].map(([, json]) => JSON.stringify(JSON.parse(json)))
  for (const { kind, name, document } of Object.values(vectors.policies)) {
    const { Id, ...plain } = document
    if (kind === 'published') assert.ok(policies.includes(JSON.stringify(plain)), name)
  }
})
