import pc from 'picocolors'

export type ColorWhen = 'auto' | 'always' | 'never'
export type Colors = ReturnType<typeof pc.createColors>

/** Flag, then NO_COLOR (no-color.org), then CLICOLOR_FORCE, then: is it a terminal? */
export function colorsFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  when: ColorWhen = 'auto',
): Colors {
  if (when !== 'auto') return pc.createColors(when === 'always')
  if (env['NO_COLOR']) return pc.createColors(false)
  if (env['CLICOLOR_FORCE'] && env['CLICOLOR_FORCE'] !== '0') return pc.createColors(true)
  return pc.createColors(stream.isTTY === true && env['TERM'] !== 'dumb')
}
