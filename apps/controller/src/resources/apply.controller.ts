import { Controller, HttpCode, Post, Res } from '@nestjs/common'
import type { ApplyResult } from '@fairlead/api-client'
import type { Response } from 'express'
import { Body, type RequestBody } from '../access/request-body.js'
import { Apply } from './apply.js'
import { type Arrival, Arrived } from './arrival.js'
import { documentTypes } from './documents.js'
import { History } from './history.js'

/** `/apis/fairlead.io/v1/apply` and `diff`: several documents at once. */
@Controller('apis/fairlead.io/v1')
export class ApplyController {
  constructor(
    private readonly documents: Apply,
    private readonly history: History,
  ) {}

  @Post('apply')
  @HttpCode(200)
  apply(@Body(documentTypes) body: RequestBody, @Arrived() arrival: Arrival<object>): Promise<ApplyResult> {
    return this.documents.apply(arrival, body)
  }

  @Post('diff')
  @HttpCode(200)
  diff(
    @Body(documentTypes) body: RequestBody,
    @Arrived() arrival: Arrival<object>,
    @Res() _answersItself: Response,
  ): Promise<void> {
    return this.history.diffDocuments(arrival, body)
  }
}
