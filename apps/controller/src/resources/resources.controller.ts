import { Controller, Delete, Get, Patch, Post, Put, Res } from '@nestjs/common'
import type { Response } from 'express'
import { kinds, type Resource } from '@fairlead/core/resources'
import { Body, type RequestBody } from '../access/request-body.js'
import { type Arrival, Arrived } from './arrival.js'
import { documentTypes } from './documents.js'
import type { CollectionPath, ItemPath, NamespacePath } from './kind-at.js'
import { ResourceReads } from './resource-reads.js'
import { ResourceWrites } from './resource-writes.js'

const patchTypes = ['application/merge-patch+json']

const groups = [...new Set(kinds.map(({ group }) => group))]

/** `/apis/<group>/<version>/...` of every kind. */
@Controller(groups.map((group) => `apis/${group}/:version`))
export class ResourcesController {
  constructor(
    private readonly reads: ResourceReads,
    private readonly writes: ResourceWrites,
  ) {}

  @Get([':plural', 'namespaces/:namespace/:plural'])
  list(@Arrived() arrival: Arrival<CollectionPath>, @Res() _answersItself: Response): Promise<void> {
    return this.reads.list(arrival)
  }

  @Get('namespaces/:namespace/:plural/:name')
  get(@Arrived() arrival: Arrival<ItemPath>): Resource | undefined {
    return this.reads.get(arrival)
  }

  @Post('namespaces/:namespace/:plural')
  create(@Body(documentTypes) body: RequestBody, @Arrived() write: Arrival<NamespacePath>): Promise<Resource> {
    return this.writes.create(write, body)
  }

  @Put('namespaces/:namespace/:plural/:name')
  replace(@Body(documentTypes) body: RequestBody, @Arrived() write: Arrival<ItemPath>): Promise<Resource> {
    return this.writes.replace(write, body)
  }

  @Patch('namespaces/:namespace/:plural/:name')
  patch(@Body(patchTypes) body: RequestBody, @Arrived() write: Arrival<ItemPath>): Promise<Resource> {
    return this.writes.patch(write, body)
  }

  @Delete('namespaces/:namespace/:plural/:name')
  remove(@Arrived() write: Arrival<ItemPath>): Promise<Resource> {
    return this.writes.remove(write)
  }
}
