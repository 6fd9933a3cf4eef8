/**
 * kubectl's JSONPath, the part that people use: `{.items[*].metadata.name}`, `{.metadata.labels['a/b']}`,
 * `{range .items[*]}{.metadata.name}{"\n"}{end}`. Filters and slices are refused, not ignored.
 */
export type JsonPath = readonly Node[]

type Step = { readonly key: string } | { readonly index: number } | { readonly all: true }
type Node =
  | { readonly text: string }
  | { readonly path: readonly Step[] }
  | { readonly range: readonly Step[]; readonly body: readonly Node[] }

const STEP = /\.?\*|\.([A-Za-z0-9_-]+)|\[(-?\d+)\]|\[\*\]|\['((?:[^'\\]|\\.)*)'\]/y

/** @throws SyntaxError that says what is not understood. */
export function parseJsonPath(template: string): JsonPath {
  const whole = template.includes('{') ? template : `{${template}}`
  const tokens = [...whole.matchAll(/\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}|([^{}]+)|([{}])/g)]
  let at = 0
  return readNodes(false)

  function readNodes(inRange: boolean): readonly Node[] {
    const found: Node[] = []
    for (let token = tokens[at++]; token !== undefined; token = tokens[at++]) {
      const [, expression, text] = token
      if (text !== undefined) found.push({ text })
      else if (expression === undefined) throw new SyntaxError('unbalanced braces')
      else if (expression.trim() === 'end') {
        if (!inRange) throw new SyntaxError('{end} without {range}')
        return found
      } else found.push(readExpression(expression.trim()))
    }
    if (inRange) throw new SyntaxError('{range} without {end}')
    return found
  }

  function readExpression(expression: string): Node {
    if (expression.startsWith('"')) return { text: String(JSON.parse(expression)) }
    if (expression.startsWith('range ')) return { range: parseSteps(expression.slice(6).trim()), body: readNodes(true) }
    return { path: parseSteps(expression) }
  }
}

export function evaluateJsonPath(path: JsonPath, value: unknown): string {
  return path
    .map((node) => {
      if ('text' in node) return node.text
      if ('path' in node) return select(node.path, value).map(render).join(' ')
      return select(node.range, value)
        .map((item) => evaluateJsonPath(node.body, item))
        .join('')
    })
    .join('')
}

function parseSteps(text: string): readonly Step[] {
  const path = text.replace(/^[$@]/, '')
  if (path === '' || path === '.') return []
  const normal = /^[.[]/.test(path) ? path : `.${path}`
  const steps: Step[] = []
  STEP.lastIndex = 0
  while (STEP.lastIndex < normal.length) {
    const from = STEP.lastIndex
    const match = STEP.exec(normal)
    if (match === null) throw new SyntaxError(`cannot read ${JSON.stringify(normal.slice(from))}`)
    const key = match[1] ?? match[3]?.replace(/\\(.)/g, '$1')
    steps.push(key !== undefined ? { key } : match[2] !== undefined ? { index: Number(match[2]) } : { all: true })
  }
  return steps
}

function select(steps: readonly Step[], root: unknown): unknown[] {
  let values = [root]
  for (const step of steps) values = values.flatMap((value) => take(step, value))
  return values
}

function take(step: Step, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if ('all' in step) return Object.values(value)
  if ('index' in step) {
    const item: unknown = Array.isArray(value) ? value.at(step.index) : undefined
    return item === undefined ? [] : [item]
  }
  return Object.hasOwn(value, step.key) ? [(value as Record<string, unknown>)[step.key]] : []
}

function render(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
