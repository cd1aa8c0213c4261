// Policies in their many forms.
import { readFileSync } from 'node:fs'
import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import {
  enforcementPolicy,
  explainPolicy,
  kmsKeyPolicy,
  type PolicyVerdict,
  type StateConfig,
  suggestEncryption,
  uploaderPolicy,
} from 'stateseal'

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

export function generated(params: PutObjectCommandInput, config: Omit<StateConfig, 'region'>) {
  const policy = enforcementPolicy({ bucket: 'b', mode: 'strict', encryption: 'AES256', tls: '1.2' })
  const used = [...uploaderPolicy({ ...params, ...config }).Statement, ...policy.Statement]
  kmsKeyPolicy({ bucket: 'b', accountId: '111122223333', region: 'eu-west-1', principals: ['arn:…'] })
  return used.map(({ Sid }) => Sid)
}

// @ts-expect-error an unknown mode
enforcementPolicy({ bucket: 'b', mode: 'lax' })
