/** As root nginx gives its workers to another user, who may not read the bench's folder. Elsewhere it warns of the line. */
export function workerUser() {
  return process.getuid?.() === 0 ? 'user root;\n' : ''
}
