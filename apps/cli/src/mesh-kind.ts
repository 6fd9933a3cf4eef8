import { kinds, type KindDefinition } from '@fairlead/core/resources'
import { CommandFailure } from './command-failure.js'
import { ExitCode } from './exit-code.js'

/** `vs`, `virtualservice`, `VirtualServices`, `virtualservices.networking.istio.io`. @throws CommandFailure: usage */
export function kindByWord(word: string): KindDefinition {
  const wanted = word.toLowerCase()
  const found = kinds.find(({ group, singular, plural, shortNames }) =>
    [plural, singular, ...shortNames, `${plural}.${group}`, `${singular}.${group}`].includes(wanted),
  )
  if (found) return found
  const known = kinds.map(({ plural, shortNames }) => [plural, ...shortNames].join('/')).join(', ')
  throw new CommandFailure(ExitCode.usage, `no kind ${word} (known: ${known})`)
}

/** `vs,dr` or `all`. */
export function kindsByWords(words: string): readonly KindDefinition[] {
  return words === 'all' ? kinds : words.split(',').map(kindByWord)
}

/** `vs/reviews`. @throws CommandFailure: usage */
export function kindAndName(text: string): { readonly kind: KindDefinition; readonly name: string } {
  const [word = '', name = '', ...rest] = text.split('/')
  if (name === '' || rest.length > 0) throw new CommandFailure(ExitCode.usage, `expected KIND/NAME, got ${text}`)
  return { kind: kindByWord(word), name }
}

/** How a resource is called in output: `virtualservice/reviews`. */
export function shortReference(kind: string, name: string): string {
  return `${kind.toLowerCase()}/${name}`
}
