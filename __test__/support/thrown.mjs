/** The error of a call that must throw synchronously. */
export function thrown(call) {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('did not throw')
}
