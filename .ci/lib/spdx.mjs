// SPDX licence expressions: AND, OR, WITH, parentheses, and the old `/` of Cargo for OR.

/** Whether an expression can be met with licences of `allowed` alone. */
export function isAllowed(expression, allowed) {
  const tokens = expression.replaceAll('/', ' OR ').match(/[()]|[^\s()]+/g) ?? []
  const value = either(tokens, allowed)
  if (tokens.length > 0) throw new Error(`Not an SPDX expression: ${expression}`)
  return value
}

function either(tokens, allowed) {
  let value = both(tokens, allowed)
  while (tokens[0] === 'OR') {
    tokens.shift()
    value = both(tokens, allowed) || value
  }
  return value
}

function both(tokens, allowed) {
  let value = one(tokens, allowed)
  while (tokens[0] === 'AND') {
    tokens.shift()
    value = one(tokens, allowed) && value
  }
  return value
}

function one(tokens, allowed) {
  const token = tokens.shift()
  if (token === '(') {
    const value = either(tokens, allowed)
    if (tokens.shift() !== ')') throw new Error('A parenthesis of an SPDX expression is not closed')
    return value
  }
  if (tokens[0] !== 'WITH') return allowed.includes(token)
  return allowed.includes(`${token} ${tokens.shift()} ${tokens.shift()}`)
}
