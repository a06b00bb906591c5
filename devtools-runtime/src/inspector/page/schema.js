/** Reads JSON Schemas as far as a form needs them. */

/**
 * @typedef {object} Form
 * @property {any} root the schema that has the `$defs`
 * @property {(text: string) => any} parse reads a value from a text
 * @property {(value: any, indent?: number) => string} write writes a value as such a text
 */

/** Follows references to the types of the schema, and joins the parts of `allOf`. */
export function resolve(schema, form) {
  let it = schema
  for (let steps = 0; typeof it?.$ref === 'string' && steps < 20; steps++) {
    const { $ref, ...beside } = it
    const target = $ref.replace(/^#\/?/, '').split('/').filter(Boolean).reduce((at, part) => at?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], form.root)
    it = { ...target, ...beside }
  }
  if (typeof it !== 'object' || it === null)
    return {}
  if (!it.allOf)
    return it
  const { allOf, ...own } = it
  return allOf.map(part => resolve(part, form)).reduce((all, part) => ({
    ...part, ...all,
    properties: { ...part.properties, ...all.properties },
    required: [...part.required ?? [], ...all.required ?? []],
  }), own)
}

export function typeOf(schema) {
  return Array.isArray(schema.type) ? schema.type[0] : schema.type ?? (schema.properties ? 'object' : undefined)
}

/** The name of the JavaScript class of a value that JSON does not have. */
export const classOf = schema => schema['x-js-class']

/** Returns whether a schema allows one value only. */
export const hasConst = schema => typeof schema === 'object' && 'const' in schema

/** Returns the schema without `null`, if `null` is allowed. */
export function withoutNull(schema, form) {
  if (Array.isArray(schema.type) && schema.type.includes('null')) {
    const types = schema.type.filter(type => type !== 'null')
    return { ...schema, type: types.length === 1 ? types[0] : types }
  }
  const branches = schema.anyOf ?? schema.oneOf
  const rest = branches?.filter(branch => resolve(branch, form).type !== 'null')
  return rest?.length === 1 && branches.length === 2 ? { description: schema.description, ...rest[0] } : undefined
}

/** Returns the values of a schema that allows only some. */
export function enumOf(schema, form) {
  if (schema.enum)
    return schema.enum
  if (hasConst(schema))
    return [schema.const]
  const constants = schema.oneOf?.map(branch => resolve(branch, form)).map(branch => branch.enum ?? ('const' in branch ? [branch.const] : undefined))
  return constants?.length && constants.every(Boolean) ? constants.flat() : undefined
}

/** Returns the branches of a schema that is one of several, each with a name for people. Branches of constants are one each. */
export function variantsOf(schema, form) {
  const branches = (schema.oneOf ?? schema.anyOf)?.map(branch => resolve(branch, form))
  if (!branches || branches.length < 2)
    return undefined
  // Properties beside the branches belong to each of them.
  const beside = branch => schema.properties ? resolve({ allOf: [branch, { type: 'object', properties: schema.properties, required: schema.required }] }, form) : branch
  return branches.flatMap(branch => branch.enum ? branch.enum.map(value => ({ const: value })) : [branch]).map((branch, index) => ({ name: nameOf(branch) ?? `form ${index + 1}`, schema: beside(branch) }))
}

function nameOf(branch) {
  const constants = Object.values(branch.properties ?? {}).filter(hasConst).map(member => member.const)
  const only = branch.required?.length === 1 ? branch.required[0] : undefined
  const name = branch.title ?? ('const' in branch ? branch.const : undefined) ?? constants[0] ?? only ?? typeOf(branch)
  return name === undefined ? undefined : String(name)
}

/** Returns whether a value may belong to a branch. */
export function fits(schema, value) {
  if (hasConst(schema))
    return schema.const === value
  switch (typeOf(schema)) {
    case 'null': return value === null || value === undefined
    case 'boolean': return typeof value === 'boolean'
    case 'integer': case 'number': return typeof value === 'number'
    case 'string': return typeof value === 'string'
    case 'array': return Array.isArray(value)
    case 'object': return typeof value === 'object' && value !== null && !Array.isArray(value)
      && (schema.required ?? []).every(name => name in value)
      && Object.entries(schema.properties ?? {}).every(([name, member]) => !hasConst(member) || member.const === value[name])
  }
  return true
}

/** Returns the value that a new field begins with. */
export function initial(schema, form, depth = 0) {
  const it = resolve(schema, form)
  if (it.default !== undefined)
    return it.default
  switch (classOf(it)) {
    case 'undefined': return undefined
    case 'bigint': return 0n
    case 'Date': return new Date(0)
    case 'Map': return new Map()
    case 'Set': return new Set()
    case 'Uint8Array': return new Uint8Array()
    case 'RegExp': return /(?:)/
    case 'Error': return new Error('')
  }
  if (withoutNull(it, form) || depth > 4)
    return null
  const options = enumOf(it, form)
  if (options)
    return options[0]
  const variants = variantsOf(it, form)
  if (variants)
    return initial(variants[0].schema, form, depth + 1)
  switch (typeOf(it)) {
    case 'boolean': return false
    case 'integer': case 'number': return it.minimum ?? 0
    case 'string': return ''
    case 'array': return (it.prefixItems ?? []).map(member => initial(member, form, depth + 1))
    case 'object': {
      const required = Object.entries(it.properties ?? {}).filter(([name]) => it.required?.includes(name))
      return Object.fromEntries(required.map(([name, member]) => [name, initial(member, form, depth + 1)]))
    }
  }
  return null
}
