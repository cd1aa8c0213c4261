// Installs all that tests need from registries, one after the other: test files that run at the same
// time would each install the same.
import { createRequire } from 'node:module'
import { framework, keys } from './frameworks.mjs'
import { cache } from './local.mjs'
import { tool, tools } from './tools.mjs'

const { packageFolder } = createRequire(import.meta.url)('../../testing/packages.js')

for (const name of ['seaweedfs', 'moto']) await packageFolder(name, { cache, install: true, onProgress: console.log })
for (const key of keys) await framework(key)
for (const key of tools) await tool(key)
