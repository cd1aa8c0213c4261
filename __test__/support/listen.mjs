import { createRequire } from 'node:module'

const { closing } = createRequire(import.meta.url)('../../testing/closing.js')

/** Starts an HTTP server for one test, and stops it after that: its endpoint. */
export async function listen(t, server) {
  t.after(closing(server))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${server.address().port}`
}
