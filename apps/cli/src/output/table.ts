export type Row = readonly string[]

const COLOR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')

/** kubectl's plain table: columns by widest cell, three spaces between, no borders, no trailing spaces. */
export function formatTable(header: Row | null, rows: readonly Row[]): string {
  const all = header === null ? rows : [header, ...rows]
  const widths: number[] = []
  for (const row of all) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))))
  return all
    .map(
      (row) =>
        row
          .map((cell, column) => pad(cell, widths[column] ?? 0))
          .join('   ')
          .trimEnd() + '\n',
    )
    .join('')
}

function pad(cell: string, columns: number): string {
  return cell + ' '.repeat(columns - width(cell))
}

/** Colours take no room. */
function width(cell: string): number {
  return cell.replace(COLOR, '').length
}
