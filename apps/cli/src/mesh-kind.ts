import { CommandFailure } from './command-failure.js'
import { ExitCode } from './exit-code.js'

/** A kind of mesh resource, by all the words that users have for it. */
export interface MeshKind {
  readonly group: string
  readonly storageVersion: string
  readonly kind: string
  readonly plural: string
  readonly shortNames: readonly string[]
}

const ISTIO = { group: 'networking.istio.io', storageVersion: 'v1' } as const

export const meshKinds: readonly MeshKind[] = [
  { ...ISTIO, kind: 'VirtualService', plural: 'virtualservices', shortNames: ['vs'] },
  { ...ISTIO, kind: 'DestinationRule', plural: 'destinationrules', shortNames: ['dr'] },
  { ...ISTIO, kind: 'ServiceEntry', plural: 'serviceentries', shortNames: ['se'] },
  { ...ISTIO, kind: 'Gateway', plural: 'gateways', shortNames: ['gw'] },
]

/** `vs`, `virtualservice`, `VirtualServices`, `virtualservices.networking.istio.io`. @throws CommandFailure: usage */
export function kindByWord(word: string): MeshKind {
  const wanted = word.toLowerCase()
  const found = meshKinds.find(({ group, kind, plural, shortNames }) =>
    [plural, kind.toLowerCase(), ...shortNames, `${plural}.${group}`].includes(wanted),
  )
  if (found) return found
  const known = meshKinds.map(({ plural, shortNames }) => [plural, ...shortNames].join('/')).join(', ')
  throw new CommandFailure(ExitCode.usage, `no kind ${word} (known: ${known})`)
}

/** `vs,dr` or `all`. */
export function kindsByWords(words: string): readonly MeshKind[] {
  return words === 'all' ? meshKinds : words.split(',').map(kindByWord)
}

/** `vs/reviews`. @throws CommandFailure: usage */
export function kindAndName(text: string): { readonly kind: MeshKind; readonly name: string } {
  const [word = '', name = '', ...rest] = text.split('/')
  if (name === '' || rest.length > 0) throw new CommandFailure(ExitCode.usage, `expected KIND/NAME, got ${text}`)
  return { kind: kindByWord(word), name }
}

/** How a resource is called in output: `virtualservice/reviews`. */
export function shortReference(kind: string, name: string): string {
  return `${kind.toLowerCase()}/${name}`
}
