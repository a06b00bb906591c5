import type { Plugin } from 'vite'

/** The options of every tool. */
interface CommonOptions {
  /** The name of the tool in messages. Default: the name of the program, or the host of its address. */
  name?: string
  /** The time in milliseconds in which the tool has to be ready. Default: 60,000. */
  startTimeout?: number
}

/** A program that is started with Vite, and ends with it. */
export interface CommandOptions extends CommonOptions {
  /** The program. It is started without a shell. */
  command: string
  /** The arguments that start its server. `--port 0` is added. Default: `['dev']`. */
  args?: string[]
  /** The arguments that write its static dump. `--base` with a path and `--out` with a folder are added. Default: `['build']`. */
  buildArgs?: string[]
  /** The time in milliseconds in which the static dump has to be written. Default: 600,000. */
  buildTimeout?: number
  /** The folder in which it is started. Default: the root of the project. */
  cwd?: string
  /** Variables of its environment, in addition to those of Vite. */
  env?: Record<string, string>
  /** Belongs to the options of a program that runs already. */
  url?: undefined
  /** Belongs to `url`: a program that is started gets a token of its own. */
  token?: undefined
}

/** A program that runs already. */
export interface UrlOptions extends CommonOptions {
  /** The address that the program prints, such as `http://127.0.0.1:7812/__devtools/`. */
  url: string
  /** A token that the program trusts. A program without authentication needs none. */
  token?: string
  command?: undefined
}

export type DevToolsRuntimeOptions = CommandOptions | UrlOptions

/** Brings a tool written in Rust with devtools-runtime into Vite DevTools. Each tool is a plugin of its own. */
export default function devtoolsRuntime(options: DevToolsRuntimeOptions): Plugin[]
