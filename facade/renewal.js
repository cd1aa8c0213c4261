const { resolveCredentials } = require('./credentials.js')

// Before their end, as the SDK asks; and once more, should they not have come.
const MARGINS = [5 * 60_000, 60_000]
const LEAST = 1000
// More would be no time at all to a timer.
const MOST = 2 ** 31 - 1

/** Asks a provider again before what it gave, `known`, ends, and hands the answers to `use` until `stop()`. */
module.exports.keepFresh = function keepFresh(provider, known, use) {
  let timer
  const wait = () => {
    const left = known.expiration - Date.now()
    if (!(left > 0)) return
    const margin = MARGINS.find((margin) => margin < left) ?? left / 2
    timer = setTimeout(renew, Math.min(Math.max(left - margin, LEAST), MOST))
    timer.unref()
  }
  const renew = async () => {
    const mine = timer
    try {
      const fresh = await resolveCredentials(provider)
      if (timer !== mine) return
      known = fresh
      use(fresh)
    } catch {
      // The old ones still hold, and if they end, S3 says so.
    }
    if (timer === mine) wait()
  }
  wait()
  return {
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
