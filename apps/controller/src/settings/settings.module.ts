import { type DynamicModule, Module } from '@nestjs/common'
import { type Settings, SETTINGS } from './settings.js'

/** Gives every module the one frozen `Settings`. */
@Module({})
export class SettingsModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      providers: [{ provide: SETTINGS, useValue: settings }],
      exports: [SETTINGS],
    }
  }
}
