const fs = require('node:fs')
const path = require('node:path')

// How each package manager is told to install optional dependencies after all, and for which platform.
const MANAGERS = {
  npm: {
    lockfiles: ['package-lock.json', 'npm-shrinkwrap.json'],
    all: 'npm install --include=optional',
    omitted: '--omit=optional or omit=optional in .npmrc',
    other: (os, cpu, libc) => `npm install --os=${os} --cpu=${cpu}${libc ? ` --libc=${libc}` : ''}`,
  },
  pnpm: {
    lockfiles: ['pnpm-lock.yaml'],
    all: 'pnpm install --force',
    omitted: '--no-optional or optional=false in .npmrc',
    other: () => 'pnpm install --force" with "supportedArchitectures',
  },
  yarn: {
    lockfiles: ['yarn.lock'],
    all: 'yarn install --force',
    omitted: '--ignore-optional',
    other: () => 'yarn install" with "supportedArchitectures',
  },
  bun: {
    lockfiles: ['bun.lock', 'bun.lockb'],
    all: 'bun install --force',
    omitted: '--omit=optional',
    other: (os, cpu) => `bun install --os=${os} --cpu=${cpu}`,
  },
}

/** Why the platform's package was not installed, though it exists. */
module.exports.explainMissing = function explainMissing({ name, platform, others, root }) {
  if (path.basename(__filename) !== 'load-failure-install.js') {
    return {
      problem: `${name} is not beside this bundle (${path.basename(__filename)})`,
      remedy: 'Declare stateseal as external to the bundler and install it, or have its .node file copied',
    }
  }
  const { manager, lockfile } = findLockfile(root)
  const { all, omitted, other } = MANAGERS[manager]
  if (others.length > 0) {
    const [os, cpu, abi] = platform.split('-')
    const libc = { gnu: 'glibc', musl: 'musl' }[abi]
    return {
      problem: `node_modules was installed for ${others.join(', ')}, and this is ${platform}`,
      remedy: `Install on ${platform} itself, or for it with "${other(os, cpu, libc)}"`,
    }
  }
  if (manager === 'npm' && lockfile && !fs.readFileSync(lockfile, 'utf8').includes(`node_modules/${name}"`)) {
    return {
      problem: `${lockfile} leaves out the optional dependency ${name} (a bug of npm before 11.3, npm/cli#4828)`,
      remedy: 'Delete package-lock.json and node_modules and run "npm install"',
    }
  }
  return {
    problem: `the optional dependency ${name} was not installed`,
    remedy: `Run "${all}", and install without ${omitted}`,
  }
}

function findLockfile(folder) {
  for (const [manager, { lockfiles }] of Object.entries(MANAGERS)) {
    const lockfile = lockfiles.map((file) => path.join(folder, file)).find((file) => fs.existsSync(file))
    if (lockfile) return { manager, lockfile }
  }
  const parent = path.dirname(folder)
  return parent === folder ? { manager: 'npm' } : findLockfile(parent)
}
