// One AWS.Request: a chain of events, turned into one call.
const { confirmByHead } = require('../aws-sdk/confirm.js')
const { droppedHeaders } = require('../aws-sdk/fields.js')

/** Lets `sealing` lead the request: it says with what input the request is sent, and judges the reply. */
function sealOne(request, sealing) {
  const operation = `${request.operation[0].toUpperCase()}${request.operation.slice(1)}`
  if (!sealing.concerns(operation)) return
  let running
  let settle
  let isSent

  const send = (input) => {
    // A second attempt is signed anew, but not built anew.
    if (settle) removeHeaders(request.httpRequest.headers, droppedHeaders(request.params, input))
    request.params = input
    isSent()
    return new Promise((resolve, reject) => {
      settle = { resolve: (output) => resolve({ output }), reject }
    })
  }
  const nextSend = () =>
    new Promise((resolve) => {
      isSent = () => resolve(true)
    })

  request.onAsync(
    'validate',
    (_request, done) => {
      const sent = nextSend()
      running = sealing.run(operation, request.params, send, confirmWith(request, operation))
      const failed = running.catch((error) => {
        // As it is: what is given to `done` becomes another error.
        if (!settle) request.response.error = error
      })
      Promise.race([sent, failed]).then(() => done())
    },
    true,
  )
  request.onAsync('extractData', (response, done) => {
    // SDK v2 found an error in an answer with status 200.
    if (response.error || !settle) return done()
    settle.resolve(response.data)
    const fail = (error) => {
      response.error = Object.assign(error, { retryable: false })
      done()
    }
    running.then(() => done(), fail)
  })
  request.onAsync('retry', (response, done) => {
    const { error } = response
    const isLast = !error?.retryable || response.retryCount >= response.maxRetries
    if (!settle || !error || !isLast) return done()
    const over = running.then(
      () => false,
      () => false,
    )
    const again = nextSend()
    settle.reject(error)
    Promise.race([again, over]).then((isAgain) => {
      if (isAgain) {
        Object.assign(error, { retryable: true, retryDelay: 0 })
        response.maxRetries = Math.max(response.maxRetries, response.retryCount + 1)
      }
      done()
    })
  })
}

function removeHeaders(headers, names) {
  for (const name of Object.keys(headers)) {
    if (names.includes(name.toLowerCase())) delete headers[name]
  }
}

/** Some servers' replies to a copy do not say how it is encrypted. */
function confirmWith({ service }, operation) {
  if (operation !== 'CopyObject') return undefined
  const head = (input) => service.headObject(input).promise()
  return (output, input, seal) => confirmByHead(output, input, seal, head)
}

module.exports = { sealOne }
