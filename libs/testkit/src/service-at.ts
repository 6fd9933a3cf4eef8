/** A mesh file of one service, `svc`, with endpoints at these ports of this host. `version` is told to the endpoints. */
export function serviceAt(ports: readonly number[], version = 0): string {
  const endpoints = ports.map((port) => `{ address: 127.0.0.1, ports: { http: ${port} } }`)
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: svc }
spec:
  hosts: [svc]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [${endpoints.join(', ')}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: svc }
spec:
  hosts: [svc]
  http:
    - timeout: 600s
      headers: { request: { set: { x-version: "${version}" } } }
      route: [{ destination: { host: svc } }]
`
}
