/** Says whether a static build records a function, and why not. The rules are those of `build`. */

/** @returns {{ isRecorded: boolean, text: string }} */
export function staticBuild(info) {
  const yes = (how = '') => ({ isRecorded: true, text: `recorded${how}` })
  const no = why => ({ isRecorded: false, text: `not recorded: ${why}` })
  if (info.side === 'client')
    return no('clients implement it')
  switch (info.type) {
    case 'static': return yes()
    case 'action': return no('an action changes something')
    case 'event': return no('an event has no result')
  }
  if (info.role)
    return no('its callers need a role')
  if (info.dump)
    return yes(', for the arguments that its dump names')
  if (info.snapshot)
    return yes(': the result without arguments answers every call')
  if (info.setup)
    return yes(' if its setup returns a dump')
  return no(info.parameters.every(it => it.optional)
    ? 'a query needs the option snapshot or dump, or the kind static'
    : 'a query with arguments needs the option dump')
}
