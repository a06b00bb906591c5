// Generated from Rust by devtools-runtime: changes will be lost.

// These imports make the augmentations below work. A module that is not installed is ignored.
// @ts-ignore
import '@vitejs/devtools-kit'
// @ts-ignore
import 'devframe/types'

/** An entry of the journal. */
export interface Entry {
  /** The number of the entry, from 1. */
  number: number
  /** The text. */
  text: string
}

/** Functions of the server that panels call. */
export interface {{project-name | upper_camel_case}}ServerFunctions {
  /** Adds an entry, and tells all panels. */
  '{{project-name}}:add-entry': (text: string) => Promise<Entry>
  /** Returns all entries, oldest first. */
  '{{project-name}}:get-entries': () => Promise<Entry[]>
}

/** Functions of panels that the server calls. */
export interface {{project-name | upper_camel_case}}ClientFunctions {
  /** An entry was added. The panels implement it. */
  '{{project-name}}:entry-added': (entry: Entry) => Promise<void>
}

/** The errors of functions that have codes, for `asRpcError`. */
export interface {{project-name | upper_camel_case}}Errors {
  '{{project-name}}:add-entry': { code: 'empty', data?: undefined }
}

declare module '@vitejs/devtools-kit' {
  interface DevToolsRpcServerFunctions extends {{project-name | upper_camel_case}}ServerFunctions {}
  interface DevToolsRpcClientFunctions extends {{project-name | upper_camel_case}}ClientFunctions {}
}

declare module 'devframe/types' {
  interface DevframeRpcServerFunctions extends {{project-name | upper_camel_case}}ServerFunctions {}
  interface DevframeRpcClientFunctions extends {{project-name | upper_camel_case}}ClientFunctions {}
}
