/** A Vite server that is ended from outside. */
import { originOf, startVite } from './servers.mjs'

const [command, root] = process.argv.slice(2)
const server = await startVite({ tools: [{ command }], root })
console.log(`listening on ${originOf(server)}`)
