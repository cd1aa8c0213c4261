#!/usr/bin/env node
const { run } = require('./run.js')

run(process.argv.slice(2))
