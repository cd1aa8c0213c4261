// A stand-in for CloudFormation, STS and Lambda, as far as a deployment of a Serverless service asks them.
import http from 'node:http'
import { createRequire } from 'node:module'

const { closing } = createRequire(import.meta.url)('../../testing/closing.js')

const ACCOUNT = '111122223333'
const STACK = `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack`

const failure = (code, message) => ({
  status: 400,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
})
const time = (offset = 0) => new Date(Date.now() + offset).toISOString()

function stackXml(name) {
  return `<StackId>${STACK}/${name}/1</StackId><StackName>${name}</StackName><CreationTime>${time()}</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>`
}

function eventXml(name, status, offset) {
  return `<member><EventId>${status}</EventId><StackId>${STACK}/${name}/1</StackId><StackName>${name}</StackName><LogicalResourceId>${name}</LogicalResourceId><PhysicalResourceId>${STACK}/${name}/1</PhysicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType><Timestamp>${time(offset)}</Timestamp><ResourceStatus>${status}</ResourceStatus></member>`
}

/** `stacks` holds the names of the stacks that exist. */
const ANSWERS = {
  GetCallerIdentity: () => `<Arn>arn:aws:iam::${ACCOUNT}:user/u</Arn><UserId>U</UserId><Account>${ACCOUNT}</Account>`,
  DescribeStacks: ({ StackName }, stacks) =>
    stacks.has(StackName)
      ? `<Stacks><member>${stackXml(StackName)}</member></Stacks>`
      : failure('ValidationError', `Stack with id ${StackName} does not exist`),
  ValidateTemplate: () => '<Parameters/><Capabilities/>',
  CreateStack: ({ StackName }, stacks) => {
    stacks.add(StackName)
    return `<StackId>${STACK}/${StackName}/1</StackId>`
  },
  UpdateStack: ({ StackName }) => `<StackId>${STACK}/${StackName}/1</StackId>`,
  DescribeStackEvents: ({ StackName }) => {
    const name = StackName.split('/').at(-2) ?? StackName
    return `<StackEvents>${eventXml(name, 'CREATE_COMPLETE', 2000)}${eventXml(name, 'CREATE_IN_PROGRESS', 1000)}</StackEvents>`
  },
  DescribeStackResource: () => failure('ValidationError', 'Resource does not exist'),
  ListStackResources: () => '<StackResourceSummaries/>',
}

/** Starts it; `actions` holds what was asked. */
export async function startCloudFormation() {
  const stacks = new Set()
  const actions = []
  const server = http.createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (request.url.includes('/functions')) {
      response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException', 'content-type': 'application/json' })
      return response.end('{"Message":"Function not found"}')
    }
    const { Action, ...params } = Object.fromEntries(new URLSearchParams(text))
    actions.push({ Action, ...params })
    const answer = ANSWERS[Action]?.(params, stacks) ?? failure('InvalidAction', `No answer to ${Action}`)
    const { status = 200, body } =
      typeof answer === 'string'
        ? { body: `<${Action}Response><${Action}Result>${answer}</${Action}Result></${Action}Response>` }
        : answer
    response.writeHead(status, { 'content-type': 'text/xml' })
    response.end(body)
  })
  const stop = closing(server)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    actions,
    stop,
  }
}
