// Policies in their many forms.
import { readFileSync } from 'node:fs'
import { explainPolicy, type PolicyVerdict, suggestEncryption } from 'stateseal'

const request = { bucket: 'b', key: 'k' }

export function explained() {
  const { verdict, denySids, statements, remedy } = explainPolicy({ Statement: [] }, request)
  explainPolicy('{}', { ...request, operation: 'UploadPart', encryption: 'aws:kms', stage: 'dev' })
  explainPolicy(readFileSync('policy.json'), { resource: 'arn:aws:s3:::b/k', headers: new Headers() })
  explainPolicy('{}', { ...request, headers: { 'If-None-Match': '*' } }, { 'aws:SourceIp': null, 'a:b': [1, 'x'] })
  explainPolicy('{}', request, new Map([['aws:CurrentTime', new Date()]]))
  const applies: boolean | 'unknown' | undefined = statements[0]?.applies
  return [verdict satisfies PolicyVerdict, denySids.length, applies, remedy?.length]
}

export function suggested() {
  const found = suggestEncryption('{}', { ...request, kmsKeyArns: ['arn:…'] })
  return [found[0]?.encryption, found.collision?.sids.length]
}

// @ts-expect-error not a policy
explainPolicy(7, request)
// @ts-expect-error a misspelt field
explainPolicy('{}', { Bucket: 'b', key: 'k' })
