import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { migrations } from '@fairlead/migrations'
import { waitFor } from '@fairlead/testkit'
import { entities } from '../data-source.js'
import type { Database } from '../database/database.js'
import { openDatabase } from '../database/open-database.js'
import { TestAgent } from './testdata/agent.js'
import { startController, type TestController } from './testdata/controller.js'

describe('a controller that starts again on its database', () => {
  let database: Database
  let controller: TestController | undefined
  const agents: TestAgent[] = []

  beforeAll(async () => {
    database = await openDatabase({ url: null, folder: null, entities, migrations })
  })
  afterAll(async () => {
    for (const agent of agents) agent.kill()
    await controller?.close()
    await database?.close()
  })

  function connect(name: string): TestAgent {
    const agent = new TestAgent(controller!.port, { name })
    agents.push(agent)
    return agent
  }
  const assignments = () => database.dataSource.query('select namespace, name, revision from assignment order by name')

  it('has every endpoint, drain and assignment, and numbers on', async () => {
    controller = await startController({ database })
    connect('a')
    const b = connect('b')
    await waitFor('both', () => b.endpoints.length === 2)
    await controller.registry.drain('default/a', 'operator')
    await waitFor('the drain', () => b.endpoints.join() === 'default/b')
    const { endpoints } = b.version
    await controller.close()
    await waitFor('the streams to end', () => agents.every(({ status }) => status !== null))

    controller = await startController({ database, head: controller.head })
    const c = connect('c')
    await waitFor('the endpoints', () => c.endpoints.join() === 'default/b,default/c')
    expect(c.version.endpoints).toBe(endpoints + 1)
    const row = { namespace: 'default', revision: null }
    await waitFor('the assignments', async () => (await assignments()).length === 3)
    expect(await assignments()).toEqual(['a', 'b', 'c'].map((name) => ({ ...row, name })))

    await controller.registry.forget('default/a')
    await waitFor('the assignment to go', async () => (await assignments()).length === 2)
  })
})
