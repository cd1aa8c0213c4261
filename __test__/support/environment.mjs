// The environment of one test, without what the machine's own has of AWS and proxies.

/** Replaces `process.env` until the test ends; called again, it begins anew. */
export function environment(t, variables = {}) {
  const before = { ...process.env }
  t.after(() => restore(before))
  return (more = {}) => {
    const clean = Object.entries(before).filter(([name]) => !/^AWS_|_PROXY$|_proxy$/.test(name))
    restore({ ...Object.fromEntries(clean), ...variables, ...more })
  }
}

// Variable by variable: native code sees the process's own environment.
function restore(wanted) {
  for (const name of Object.keys(process.env)) if (!(name in wanted)) delete process.env[name]
  Object.assign(process.env, wanted)
}
