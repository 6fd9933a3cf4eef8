/** A resource is at most 1 MiB; a line that is far beyond is no line of ours. */
const LINE_MAX = 16 << 20

/**
 * Splits a stream of bytes into lines and parses each as JSON; empty lines are skipped, a last line needs no newline.
 * @throws SyntaxError on a line that is no JSON (the stream was cut in the middle of it), RangeError on an endless one.
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_MAX) throw new RangeError(`a line is longer than ${LINE_MAX} characters`)
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
  }
  if (rest.trim() !== '') yield JSON.parse(rest)
}
