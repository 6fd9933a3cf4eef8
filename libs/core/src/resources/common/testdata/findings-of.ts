import { readResources } from '../../read-resources.js'

/** What reading one resource of a kind says, in order: `spec.hosts[0] host`, or `warning spec.tls pending`. */
export function findingsOf(kind: string, spec: string, name = 'sample'): string[] {
  const text = [
    'apiVersion: networking.istio.io/v1',
    `kind: ${kind}`,
    `metadata: { name: ${name}, namespace: prod }`,
    'spec:',
    ...spec.split('\n').map((line) => `  ${line}`),
  ].join('\n')
  const { documents } = readResources(text, { defaultNamespace: 'default' })
  return documents.flatMap(({ findings }) =>
    findings.map(({ severity, path, code }) => `${severity === 'warning' ? 'warning ' : ''}${path} ${code}`),
  )
}
