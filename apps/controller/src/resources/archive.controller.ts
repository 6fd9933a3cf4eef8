import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common'
import type { Request, Response } from 'express'
import type { ImportCounts } from '../revisions/archive.js'
import { ArchiveTransfer } from './archive-transfer.js'

/** `/apis/fairlead.io/v1/export` and `import`: a whole store as JSON lines. */
@Controller('apis/fairlead.io/v1')
export class ArchiveController {
  constructor(private readonly transfer: ArchiveTransfer) {}

  @Get('export')
  export(@Res() response: Response): Promise<void> {
    return this.transfer.export(response)
  }

  @Post('import')
  @HttpCode(200)
  import(@Req() request: Request): Promise<ImportCounts> {
    return this.transfer.import(request)
  }
}
