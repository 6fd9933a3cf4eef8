/** Which revision an agent ran when; from its `config applied` log lines. */
export class RevisionTrack {
  readonly #changes: { readonly atMs: number; readonly revision: number }[] = []

  /** @param version `12.0.3`: revision, overlay, endpoints. */
  add(atMs: number, version: string): void {
    const revision = Number.parseInt(version, 10)
    if (Number.isInteger(revision)) this.#changes.push({ atMs, revision })
  }

  /** 0 before the first config. */
  at(ms: number): number {
    return this.#changes.findLast(({ atMs }) => atMs <= ms)?.revision ?? 0
  }

  get now(): number {
    return this.#changes.at(-1)?.revision ?? 0
  }
}
