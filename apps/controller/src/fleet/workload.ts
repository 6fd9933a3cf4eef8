/** One instance of a service, as the compiler sees it. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly address: string
  readonly locality: string
  /** Application port to the port at which its agent takes traffic for it. */
  readonly ports: ReadonlyMap<number, number>
}
