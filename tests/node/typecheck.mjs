/**
 * Checks the TypeScript in folders, and the JavaScript by its comments, by the compilers of two major versions.
 *
 * Each line of the input is `{ folder, alone }`: with the packages of this folder, or alone. Each is answered by a line `{ failed, report }`.
 * The compilers read their libraries once, which takes longer than all the rest.
 */
import { readdirSync, symlinkSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { createInterface } from 'node:readline'
import ts5 from 'typescript-5'
import ts6 from 'typescript-6'

const compilers = [ts5, ts6].map((ts) => {
  const options = {
    strict: true,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    // Declarations are looked into as well; what others have in theirs is not ours to complain about.
    skipLibCheck: false,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  const libraries = new Map()
  const isLibrary = file => file.startsWith(resolve('node_modules').replaceAll(sep, '/'))
  host.getSourceFile = (file, ...rest) => {
    if (!isLibrary(file))
      return getSourceFile(file, ...rest)
    if (!libraries.has(file))
      libraries.set(file, getSourceFile(file, ...rest))
    return libraries.get(file)
  }
  return { ts, options, host }
})

function check({ folder, alone }) {
  if (!alone)
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction')
  const files = readdirSync(folder).filter(file => /\.[jt]s$/.test(file)).map(file => join(folder, file))
  const report = []
  let failed = false
  for (const { ts, options, host } of compilers) {
    const program = ts.createProgram(files, options, host)
    const ours = program.getSourceFiles().filter(file => files.includes(file.fileName.replaceAll('/', sep)))
    const problems = [
      ...program.getOptionsDiagnostics(),
      ...ours.flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
    ]
    for (const { file, start, messageText } of problems) {
      const text = ts.flattenDiagnosticMessageText(messageText, '\n')
      const line = file && file.getLineAndCharacterOfPosition(start).line
      report.push(file ? `${file.fileName}:${line + 1}: ${text}\n    ${file.text.split('\n')[line]}` : text)
    }
    failed ||= problems.length > 0 || ours.length !== files.length
    report.push(`TypeScript ${ts.version}: ${ours.length} files, ${problems.length} problems`)
  }
  return { failed, report: report.join('\n') }
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(check(JSON.parse(line))))
