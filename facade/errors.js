/** An error that stateseal found itself: in an argument, on the way to S3, or in S3's reply. */
class StatesealError extends Error {}

/** The same for a wrong type, as Node's own functions throw. */
class StatesealTypeError extends TypeError {}

/**
 * An error that S3 answered. The AWS SDK's `instanceof` goes by the name of the class and the
 * properties of the instance: `error instanceof S3ServiceException` and `error instanceof
 * NoSuchBucket` hold for the classes of the caller's own SDK.
 */
class S3ServiceException extends Error {}

function classOf({ origin, properties }) {
  if (origin === 'service') return S3ServiceException
  return properties.name === 'InvalidParameterType' ? StatesealTypeError : StatesealError
}

/** The addon's error data as a real error: its properties own, enumerable and mutable, as the SDK's are. */
function toError(data, cause) {
  const { message, ...properties } = data.properties
  const error = new (classOf(data))(message, cause === undefined ? undefined : { cause })
  for (const key in properties) {
    // As in the SDK, an element of S3's error does not take the place of what an error has: toString, stack, …
    if (key === 'name' || !(key in error)) error[key] = properties[key]
  }
  if (data.origin === 'service') Object.defineProperty(error, 'message', { enumerable: true })
  captureStack(error)
  return error
}

// Ours between the caller and the error; without room for them his own frames would be cut off.
const OWN_FRAMES = 12

/** Once more, now that the error has its name: the stack begins with it. */
function captureStack(error) {
  const { stackTraceLimit } = Error
  if (typeof stackTraceLimit === 'number') Error.stackTraceLimit = stackTraceLimit + OWN_FRAMES
  Error.captureStackTrace(error, toError)
  if (typeof stackTraceLimit === 'number') Error.stackTraceLimit = stackTraceLimit
}

/** Unwraps `{ value }` or throws `{ error }`. */
function unwrap(outcome) {
  if (outcome.error) throw toError(outcome.error)
  return outcome.value
}

/** An argument error found on this side of the addon. */
function argumentError(name, setting, problem, remedy, cause) {
  return toError(
    {
      origin: 'argument',
      properties: {
        name,
        code: name,
        message: `${setting} ${problem}. ${remedy}`,
        setting,
        hint: remedy,
        retryable: false,
      },
    },
    cause,
  )
}

module.exports = { StatesealError, argumentError, toError, unwrap }
