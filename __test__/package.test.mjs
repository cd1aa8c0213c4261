// The package as its users load it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as esm from 'stateseal'

const require = createRequire(import.meta.url)
const manifest = require('stateseal/package.json')
const NAMES = [
  'StateUploader',
  'StatesealError',
  'checkBucket',
  'encryptionHeaders',
  'encryptionParams',
  'enforcementPolicy',
  'explainPolicy',
  'explainUpload',
  'kmsKeyPolicy',
  'resolveEncryption',
  'signState',
  'suggestEncryption',
  'uploadState',
  'uploaderPolicy',
]

test('CommonJS and ESM export the same names, and the types declare them', () => {
  const cjs = require('stateseal')
  assert.deepEqual(Object.keys(cjs).sort(), NAMES)
  const named = Object.entries(esm).filter(([name]) => NAMES.includes(name))
  assert.deepEqual(Object.fromEntries(named), { ...cjs })
  const folder = new URL('../types/', import.meta.url)
  const files = [new URL('../index.d.ts', import.meta.url), ...readdirSync(folder).map((name) => new URL(name, folder))]
  const types = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  const declared = [...types.matchAll(/^export declare (?:function|class) (\w+)/gm)].map(([, name]) => name)
  assert.deepEqual([...new Set(declared)].sort(), NAMES)
})

test('loading loads no addon, and the first use does', () => {
  const script = `
    const loaded = () => Object.keys(require.cache).some((file) => file.endsWith('.node'))
    const stateseal = require('stateseal')
    const before = loaded()
    stateseal.encryptionParams('AES256')
    console.log(before, loaded())`
  const told = execFileSync(process.execPath, ['-e', script], { cwd: new URL('..', import.meta.url), encoding: 'utf8' })
  assert.equal(told.trim(), 'false true')
})

test("the addon's version is the package's", () => {
  assert.equal(require('../facade/addon.js').binding().version(), manifest.version)
  assert.match(
    readFileSync(new URL('../Cargo.toml', import.meta.url), 'utf8'),
    new RegExp(`^version = "${manifest.version}"$`, 'm'),
  )
})

test('every name that is read of the arguments is typed', () => {
  const { input, config, options } = require('../facade/addon.js').binding().argumentNames()
  assert.equal(input.length, 48, "the SDK's 49 fields less Body")
  const types = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')
  const body = (name) => types.slice(types.indexOf(`export interface ${name} `)).split('\n}')[0]
  for (const [list, declaration] of [
    [input, body('PutObjectFields')],
    [config, body('StateConfig')],
    [options, body('UploadOptions')],
  ]) {
    for (const name of list) assert.match(declaration, new RegExp(`^  ${name}\\??:`, 'm'), name)
  }
})

test('lockfiles name no registry', () => {
  for (const file of ['package-lock.json', 'Cargo.lock']) {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    assert.ok(!/"resolved": "https?:/.test(text), file)
  }
})
