import { cpus, loadavg, release, totalmem } from 'node:os'

/** A table as in Markdown, so that it can go into RESULTS.md as it is. */
export function printTable(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`
  process.stdout.write(line(heads) + line(heads.map(() => '---')) + rows.map(line).join('') + '\n')
}

export function printTitle(text) {
  process.stdout.write(`\n### ${text}\n\n`)
}

/** What the figures were measured on, and how busy it was with other work. */
export function printMachine(versions) {
  const [{ model }] = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const load = loadavg()[0].toFixed(1)
  process.stdout.write(`${cpus().length} x ${model}, ${memory}, Linux ${release()}; load average before: ${load}\n`)
  process.stdout.write(`${versions.join(', ')}\n`)
}
