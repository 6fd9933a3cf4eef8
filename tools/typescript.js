// node --import ./tools/typescript.js --conditions=source FILE.ts: runs TypeScript from its sources, without a build.
import { register } from 'node:module'

register('./typescript-hooks.js', import.meta.url)
