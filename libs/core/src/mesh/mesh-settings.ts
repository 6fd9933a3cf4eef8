export interface MeshSettings {
  /** What is appended to `<name>.<namespace>` of a short host. */
  readonly meshDomain: string
  /** The namespace whose DestinationRules are for everyone (S40). */
  readonly rootNamespace: string
}

/** Istio's own values, so that its YAML means the same here. */
export const DEFAULT_MESH_SETTINGS: MeshSettings = { meshDomain: 'svc.cluster.local', rootNamespace: 'istio-system' }
