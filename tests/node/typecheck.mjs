/** `node typecheck.mjs FOLDER [alone]`: checks the TypeScript in a folder, and the JavaScript by its comments, with the packages of this one or alone, by the compilers of two major versions. */
import { readdirSync, symlinkSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import ts5 from 'typescript-5'
import ts6 from 'typescript-6'

const folder = resolve(process.argv[2])
if (process.argv[3] !== 'alone')
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction')
const files = readdirSync(folder).filter(file => /\.[jt]s$/.test(file)).map(file => join(folder, file))

let failed = false
for (const ts of [ts5, ts6]) {
  const program = ts.createProgram(files, {
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
  })
  const ours = program.getSourceFiles().filter(file => files.includes(file.fileName.replaceAll('/', sep)))
  const problems = [
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ]
  for (const { file, start, messageText } of problems) {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n')
    const line = file && file.getLineAndCharacterOfPosition(start).line
    console.error(file ? `${file.fileName}:${line + 1}: ${text}\n    ${file.text.split('\n')[line]}` : text)
  }
  failed ||= problems.length > 0 || ours.length !== files.length
  console.log(`TypeScript ${ts.version}: ${ours.length} files, ${problems.length} problems`)
}
process.exit(failed ? 1 : 0)
