import { Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common'
import type { ApplyResult, ResourceList, Revision, RevisionList } from '@fairlead/api-client'
import type { Response } from 'express'
import { Apply } from './apply.js'
import { type Arrival, Arrived } from './arrival.js'
import { History, revisionNumber } from './history.js'

/** `/apis/fairlead.io/v1/revisions` */
@Controller('apis/fairlead.io/v1/revisions')
export class RevisionsController {
  constructor(
    private readonly history: History,
    private readonly documents: Apply,
  ) {}

  @Get()
  list(@Arrived() { query }: Arrival<object>): Promise<RevisionList> {
    return this.history.list(query)
  }

  @Get(':revision')
  get(@Param('revision') revision: string): Promise<Revision> {
    return this.history.get(revision)
  }

  @Get(':revision/resources')
  resources(@Param('revision') revision: string): Promise<ResourceList> {
    return this.history.resources(revision)
  }

  @Get(':revision/diff')
  diff(
    @Param('revision') revision: string,
    @Arrived() arrival: Arrival<object>,
    @Res() _answersItself: Response,
  ): Promise<void> {
    return this.history.diff(revision, arrival)
  }

  @Post(':revision/rollback')
  @HttpCode(200)
  rollback(@Param('revision') revision: string, @Arrived() arrival: Arrival<object>): Promise<ApplyResult> {
    return this.documents.rollback(revisionNumber(revision), arrival)
  }
}
