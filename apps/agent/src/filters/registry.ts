import { type Filter } from './filter.js'

/** Makes the filter for a route, or null where its config does not ask for it. */
export type FilterFactory = () => Filter | null

/**
 * THE order of filters: those before the route is chosen, then those after it. A filter is a file of its own beside
 * this one and a line here. There is none yet, so nothing runs these lists: the first one brings its call into
 * `proxy/proxied-request.ts`, around `findPlan`.
 */
export const FILTERS_BEFORE_ROUTE: readonly FilterFactory[] = []
export const FILTERS_AFTER_ROUTE: readonly FilterFactory[] = []
