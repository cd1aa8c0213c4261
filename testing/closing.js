/**
 * Remembers the connections of a server that does not listen yet: `stop()` ends them all, and resolves
 * when the server is closed. Node's `closeAllConnections` leaves those on which nothing has come.
 */
function closing(server) {
  const sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return function stop() {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    return closed
  }
}

module.exports = { closing }
