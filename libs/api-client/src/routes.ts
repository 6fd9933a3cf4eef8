import { z } from 'zod'
import { ApplyQuery, DiffQuery, Paging, RevisionQuery, RollbackQuery } from './query.js'
import type { Route } from './route.js'
import { Agent, AgentList } from './schemas/agent.js'
import { ApplyResult } from './schemas/apply-result.js'
import { NamespaceName, ResourceList, ResourceObject } from './schemas/resource.js'
import { DiffResult, Revision, RevisionList } from './schemas/revision.js'
import { ImportResult, ServerVersion } from './schemas/server.js'
import { CreatedToken, NewToken, Token, TokenList } from './schemas/token.js'

const JSON_ONLY = ['application/json'] as const
const OWN = '/apis/fairlead.io/v1'

const Documents = z
  .union([
    z.string().meta({ description: 'YAML, one or more documents' }),
    ResourceObject,
    ResourceList,
    z.array(ResourceObject),
  ])
  .meta({ id: 'Documents', description: 'Multi-document YAML; or JSON: an object, a List, or an array of objects' })

export const documentsBody = {
  contentTypes: ['application/yaml', 'application/x-yaml', 'text/yaml', 'application/json'],
  schema: Documents,
} as const

const RevisionParams = z.object({
  revision: z.union([z.coerce.number().int().min(0), z.literal('head')]).meta({ description: 'A number, or head' }),
})
const AgentParams = z.object({ namespace: NamespaceName, name: z.string() })
const NamespaceParams = z.object({ namespace: NamespaceName })
const TokenParams = z.object({ name: z.string() })

const READ = [400, 401, 403] as const
const WRITE = [400, 401, 403, 409, 413, 415, 422, 503] as const

/** What most operations share. */
const json = { success: [200], contentTypes: JSON_ONLY } as const

/** Every operation but those of a kind's resources, which `resourceRoutes` gives a kind. */
export const routes = {
  apply: {
    ...json,
    operationId: 'apply',
    method: 'POST',
    path: `${OWN}/apply`,
    tags: ['apply'],
    summary: 'Make all the documents one new revision, or none of them',
    description: 'What is already there makes no revision: changed is false, and revision is the head.',
    query: ApplyQuery,
    body: documentsBody,
    response: ApplyResult,
    errors: WRITE,
  },
  diffDocuments: {
    ...json,
    operationId: 'diffDocuments',
    method: 'POST',
    path: `${OWN}/diff`,
    tags: ['apply'],
    summary: 'What an apply of the documents would change',
    query: ApplyQuery,
    body: documentsBody,
    response: DiffResult,
    contentTypes: ['application/json', 'text/plain'],
    errors: [400, 401, 403, 413, 415, 422],
  },
  listRevisions: {
    ...json,
    operationId: 'listRevisions',
    method: 'GET',
    path: `${OWN}/revisions`,
    tags: ['revisions'],
    summary: 'The history, newest first',
    query: RevisionQuery,
    response: RevisionList,
    errors: [...READ, 410],
  },
  getRevision: {
    ...json,
    operationId: 'getRevision',
    method: 'GET',
    path: `${OWN}/revisions/{revision}`,
    tags: ['revisions'],
    summary: 'One revision',
    params: RevisionParams,
    response: Revision,
    errors: [...READ, 404],
  },
  listRevisionResources: {
    ...json,
    operationId: 'listRevisionResources',
    method: 'GET',
    path: `${OWN}/revisions/{revision}/resources`,
    tags: ['revisions'],
    summary: 'All resources as they were at a revision',
    params: RevisionParams,
    response: ResourceList,
    errors: [...READ, 404, 410],
  },
  diffRevisions: {
    ...json,
    operationId: 'diffRevisions',
    method: 'GET',
    path: `${OWN}/revisions/{revision}/diff`,
    tags: ['revisions'],
    summary: 'What changed between two revisions, by resource and field',
    params: RevisionParams,
    query: DiffQuery,
    response: DiffResult,
    contentTypes: ['application/json', 'text/plain'],
    errors: [...READ, 404, 410],
  },
  rollback: {
    ...json,
    operationId: 'rollback',
    method: 'POST',
    path: `${OWN}/revisions/{revision}/rollback`,
    tags: ['revisions'],
    summary: 'Make a new revision that equals an old one; history is never rewritten',
    params: RevisionParams,
    query: RollbackQuery,
    response: ApplyResult,
    errors: [...READ, 404, 409, 410, 503],
  },
  listAgents: {
    ...json,
    operationId: 'listAgents',
    method: 'GET',
    path: `${OWN}/agents`,
    tags: ['agents'],
    summary: 'All agents, of all namespaces',
    response: AgentList,
    errors: READ,
  },
  listNamespacedAgents: {
    ...json,
    operationId: 'listNamespacedAgents',
    method: 'GET',
    path: `${OWN}/namespaces/{namespace}/agents`,
    tags: ['agents'],
    summary: 'The agents of a namespace',
    params: NamespaceParams,
    response: AgentList,
    errors: READ,
  },
  getAgent: {
    ...json,
    operationId: 'getAgent',
    method: 'GET',
    path: `${OWN}/namespaces/{namespace}/agents/{name}`,
    tags: ['agents'],
    summary: 'One agent',
    params: AgentParams,
    response: Agent,
    errors: [...READ, 404],
  },
  deleteAgent: {
    ...json,
    operationId: 'deleteAgent',
    method: 'DELETE',
    path: `${OWN}/namespaces/{namespace}/agents/{name}`,
    tags: ['agents'],
    summary: 'Forget an agent that is not connected (409 while it is)',
    params: AgentParams,
    response: Agent,
    errors: [...READ, 404, 409],
  },
  drainAgent: {
    ...json,
    operationId: 'drainAgent',
    method: 'POST',
    path: `${OWN}/namespaces/{namespace}/agents/{name}/drain`,
    tags: ['agents'],
    summary: 'Withdraw the endpoint of an agent, then let its connections finish',
    params: AgentParams,
    response: Agent,
    errors: [...READ, 404],
  },
  undrainAgent: {
    ...json,
    operationId: 'undrainAgent',
    method: 'POST',
    path: `${OWN}/namespaces/{namespace}/agents/{name}/undrain`,
    tags: ['agents'],
    summary: 'Bring the endpoint of a drained agent back',
    params: AgentParams,
    response: Agent,
    errors: [...READ, 404],
  },
  listTokens: {
    ...json,
    operationId: 'listTokens',
    method: 'GET',
    path: `${OWN}/tokens`,
    tags: ['tokens'],
    summary: 'All tokens, without their secrets',
    query: Paging,
    response: TokenList,
    errors: READ,
  },
  createToken: {
    ...json,
    operationId: 'createToken',
    method: 'POST',
    path: `${OWN}/tokens`,
    tags: ['tokens'],
    summary: 'Make a token; its secret is in this answer only',
    body: { contentTypes: JSON_ONLY, schema: NewToken },
    success: [201],
    response: CreatedToken,
    errors: WRITE,
  },
  revokeToken: {
    ...json,
    operationId: 'revokeToken',
    method: 'DELETE',
    path: `${OWN}/tokens/{name}`,
    tags: ['tokens'],
    summary: 'Revoke a token, at once',
    params: TokenParams,
    response: Token,
    errors: [...READ, 404],
  },
  exportArchive: {
    operationId: 'exportArchive',
    method: 'GET',
    path: `${OWN}/export`,
    tags: ['archive'],
    summary: 'Resources with uid and age, kept revisions and token hashes, as JSON lines',
    success: [200],
    response: null,
    contentTypes: ['application/x-ndjson'],
    errors: [401, 403],
  },
  importArchive: {
    ...json,
    operationId: 'importArchive',
    method: 'POST',
    path: `${OWN}/import`,
    tags: ['archive'],
    summary: 'Fill an empty store (revision 0) from an export',
    body: { contentTypes: ['application/x-ndjson'], schema: z.string() },
    response: ImportResult,
    errors: WRITE,
  },
  version: {
    ...json,
    operationId: 'version',
    method: 'GET',
    path: '/version',
    tags: ['server'],
    summary: 'Which version serves',
    response: ServerVersion,
    errors: [],
    open: true,
  },
  healthz: {
    operationId: 'healthz',
    method: 'GET',
    path: '/healthz',
    tags: ['server'],
    summary: 'Alive',
    success: [200],
    response: null,
    contentTypes: ['text/plain'],
    errors: [],
    open: true,
  },
  readyz: {
    operationId: 'readyz',
    method: 'GET',
    path: '/readyz',
    tags: ['server'],
    summary: 'Ready to serve: database and migrations',
    query: z.object({ verbose: z.string().optional() }),
    success: [200],
    response: null,
    contentTypes: ['text/plain'],
    errors: [503],
    open: true,
  },
} as const satisfies Record<string, Route>
