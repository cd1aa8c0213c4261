/** The settings of a host, and over them what the user set. */
module.exports.overHost = function overHost(fromHost, config) {
  const set = Object.entries(config).filter(([, value]) => value !== undefined && value !== null)
  return { ...fromHost, ...Object.fromEntries(set) }
}
