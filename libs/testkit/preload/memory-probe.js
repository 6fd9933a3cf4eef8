// `node --expose-gc --import` loads it in front of a process under test: SIGUSR2 collects and says what is left.
const turn = () => new Promise((resolve) => setImmediate(resolve))

process.on('SIGUSR2', async () => {
  // What one collection finalises, such as buffers of closed sockets, another one frees.
  for (let round = 0; round < 4; round++) {
    globalThis.gc()
    await turn()
  }
  const { heapUsed, external } = process.memoryUsage()
  process.stdout.write(JSON.stringify({ msg: 'memory', heapUsed, external }) + '\n')
})
