/** The mesh of the system tests: one service in two versions, split by weight; its applications listen on one port. */
export function reviewsMesh(applicationPort: number, v1: number, v2: number, version = 'v1'): string {
  return `apiVersion: networking.istio.io/${version}
kind: ServiceEntry
metadata: { name: reviews }
spec:
  hosts: [reviews.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP, targetPort: ${applicationPort} }]
  workloadSelector: { labels: { app: reviews } }
---
apiVersion: networking.istio.io/${version}
kind: DestinationRule
metadata: { name: reviews }
spec:
  host: reviews
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
---
${reviewsRoutes(v1, v2, version)}`
}

export function reviewsRoutes(v1: number, v2: number, version = 'v1'): string {
  return `apiVersion: networking.istio.io/${version}
kind: VirtualService
metadata: { name: reviews }
spec:
  hosts: [reviews]
  http:
    - route:
        - { destination: { host: reviews, subset: v1 }, weight: ${v1} }
        - { destination: { host: reviews, subset: v2 }, weight: ${v2} }
`
}

export const reviewsUrl = 'http://reviews.default.svc.cluster.local/'
