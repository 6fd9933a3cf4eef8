// Run by bench/routes.js under callgrind: builds a route table and looks up routes in it. SHAPE SIZE COUNT
import { buildRouteTable, requestView } from '@fairlead/core/routing'

const [shape, size, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
/** As many different requests in every run, spread over the table: what differs is the table alone. */
const REQUESTS = 10

const number = (index) => `${index}`.padStart(5, '0')
const hostOf = (index) => `service-${number(index)}.default.svc.cluster.local`
const pathOf = (index) => `/api/v1/items-${number(index)}`
// Odd and even by turns whatever the size: in a mixed table every other rule is an exact path.
const picked = Array.from({ length: REQUESTS }, (_, i) => 2 * Math.floor(((i + 0.5) * size) / REQUESTS / 2) + (i % 2))

const shapes = {
  services: {
    virtualHosts: () => Array.from({ length: size }, (_, i) => virtualHost(hostOf(i), [{}])),
    requests: () => picked.map((i) => ({ authority: hostOf(i), path: '/' })),
  },
  exact: rulesOf((i) => ({ path: { kind: 'exact', value: pathOf(i) } })),
  prefix: rulesOf((i) => ({ path: { kind: 'prefix', value: pathOf(i) } })),
  mixed: rulesOf((i) => ({ path: { kind: i % 2 === 0 ? 'exact' : 'prefix', value: pathOf(i) } })),
  // Nothing finds these but one look after the other, up to the first that fits.
  header: {
    virtualHosts: () => [
      virtualHost(
        hostOf(0),
        indexes().map((i) => ({ headers: [{ name: 'x-item', value: exact(number(i)) }] })),
      ),
    ],
    requests: () => picked.map((i) => ({ authority: hostOf(0), path: '/', headers: [['x-item', number(i)]] })),
  },
  regex: rulesOf((i) => ({ path: { kind: 'regex', value: `${pathOf(i)}(/.*)?` } })),
}

const { virtualHosts, requests } = shapes[shape]
const table = buildRouteTable({ name: 'bench', virtualHosts: virtualHosts() }, (route) => route.name)
const views = requests().map((request) => requestView({ method: 'GET', ...request }))
let found = 0
for (let i = 0; i < count; i++) {
  const view = views[i % REQUESTS]
  if (table.findVirtualHost(view)?.findRoute(view) != null) found++
}
if (found !== count) throw new Error(`${count - found} of ${count} found no route`)

function rulesOf(match) {
  return {
    virtualHosts: () => [virtualHost(hostOf(0), indexes().map(match))],
    requests: () => picked.map((i) => ({ authority: hostOf(0), path: pathOf(i) })),
  }
}

function virtualHost(host, matches) {
  const action = { kind: 'direct-response', status: 200 }
  return { name: host, domains: [host], routes: matches.map((match, i) => ({ name: `${i}`, match, action })) }
}

function indexes() {
  return Array.from({ length: size }, (_, i) => i)
}

function exact(value) {
  return { kind: 'exact', value }
}
