/**
 * The panel: the files of a folder, with one of them open. Files may change on disk at any time. The panel shows the changes
 * by itself, unless that would lose unsaved edits. On a static dump nothing changes, and nothing can be saved.
 */
import { connect } from './__client.js'

const EXPAND_LIMIT = 200 // in a larger tree, folders are closed at first
const MATCH_LIMIT = 500

const view = Object.fromEntries([...document.querySelectorAll('[id]')].map(element => [element.id, element]))
const plural = (count, noun) => `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`

let rpc
let readOnly = false

// ---- the connection -------------------------------------------------------------------------

async function start() {
  rpc?.close()
  say()
  showStatus('connecting')
  try {
    rpc = await connect()
  }
  catch (error) {
    showStatus('error')
    view.retry.hidden = false
    say(error.message)
    return
  }
  rpc.on('status', follow)
  rpc.register('file-explorer:files-changed', (paths) => {
    refresh()
    if (paths.some(path => selected === path || selected?.startsWith(`${path}/`)))
      reopen()
  })
  rpc.register('file-explorer:confirm-call', confirmCall)
  await follow(rpc.status, rpc.error)
}

async function follow(status, error) {
  showStatus(status)
  view.retry.hidden = status !== 'unauthorized'
  if (status === 'unauthorized')
    say(error.message)
  if (status === 'connected')
    await load() // files may have changed while the connection was lost
}

async function load() {
  try {
    const info = await rpc.call('file-explorer:get-info')
    view.root.textContent = view.root.title = info.root
    // A static dump, or a server that previews one, which its mode shows.
    readOnly = rpc.backend === 'static' || info.mode === 'build'
    view['read-only'].hidden = !readOnly
    view.save.hidden = readOnly
    say()
    await Promise.all([refresh(), reopen()])
  }
  catch (error) {
    say(error.message)
  }
}

function showStatus(status) {
  view.status.textContent = status === 'error' ? 'no connection' : status
  view.status.dataset.status = status
}

function say(message = '') {
  view.message.textContent = message
  view['message-bar'].hidden = !message
}

// ---- what agents write ----------------------------------------------------------------------

let asked = Promise.resolve() // one question after the other

/** Asks the user whether an agent may write a file. The question closes when another panel has answered it. */
function confirmCall({ title, arguments: [path, content] }) {
  const { signal } = this
  const answer = asked.then(() => new Promise((resolve) => {
    if (signal.aborted)
      return resolve(false)
    view['agent-title'].textContent = `An agent asks: ${title}?`
    view['agent-path'].textContent = path
    view['agent-content'].textContent = content
    const withdraw = () => view.agent.close('refuse')
    signal.addEventListener('abort', withdraw)
    view.agent.addEventListener('close', () => {
      signal.removeEventListener('abort', withdraw)
      resolve(view.agent.returnValue === 'allow')
    }, { once: true })
    view.agent.returnValue = 'refuse' // the Escape key
    view.agent.showModal()
    view['agent-refuse'].focus() // whoever goes on typing allows nothing
  }))
  asked = answer
  return answer
}

// ---- the list of files ----------------------------------------------------------------------

let files // undefined until the first answer
let selected
let expandByDefault = true
const toggled = new Map() // folder → whether the user has opened or closed it
const rows = new Map() // path → its button, if it is shown
let refreshing, refreshAgain

/** Fetches the list. Calls during a fetch share one more fetch after it. */
function refresh() {
  refreshAgain = true
  refreshing ??= (async () => {
    try {
      while (refreshAgain) {
        refreshAgain = false
        const before = files
        files = await rpc.call('file-explorer:list-files')
        if (!before)
          expandByDefault = files.length <= EXPAND_LIMIT
        if (before?.length !== files.length || before.some((file, i) => file.path !== files[i].path))
          renderTree()
      }
    }
    catch (error) {
      say(error.message)
    }
    finally {
      refreshing = undefined
    }
  })()
  return refreshing
}

function renderTree() {
  const query = view.filter.value.trim().toLowerCase()
  const matches = query ? files.filter(({ path }) => path.toLowerCase().includes(query)) : files
  const shown = query ? matches.slice(0, MATCH_LIMIT) : matches
  const isOpen = folder => query !== '' || (toggled.get(folder) ?? expandByDefault)
  const focused = view.tree.contains(document.activeElement) && document.activeElement.dataset.path

  rows.clear()
  view.tree.replaceChildren(...items(toFolder(shown), 0, isOpen))
  view.count.textContent = query
    ? `${matches.length.toLocaleString()} of ${plural(files.length, 'file')}${matches.length > shown.length ? `, the first ${MATCH_LIMIT} shown` : ''}`
    : plural(files.length, 'file')
  stopAt(rows.get(selected) ?? view.tree.querySelector('button'))
  rows.get(focused)?.focus({ preventScroll: true })
}

function toFolder(list) {
  const root = { folders: new Map(), files: [] }
  for (const { path } of list) {
    let folder = root
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      const inner = path.slice(0, end)
      if (!folder.folders.has(inner))
        folder.folders.set(inner, { folders: new Map(), files: [] })
      folder = folder.folders.get(inner)
    }
    folder.files.push(path)
  }
  return root
}

function* items(folder, depth, isOpen) {
  for (const [path, inner] of folder.folders) {
    const item = row(path, depth, 'folder')
    const open = isOpen(path)
    item.firstChild.ariaExpanded = String(open)
    if (open) {
      const group = document.createElement('ul')
      group.role = 'group'
      group.append(...items(inner, depth + 1, isOpen))
      item.append(group)
    }
    yield item
  }
  for (const path of folder.files)
    yield row(path, depth, 'file')
}

function row(path, depth, kind) {
  const item = document.createElement('li')
  item.role = 'none'
  item.className = kind === 'file' ? 'leaf' : ''
  const button = document.createElement('button')
  button.type = 'button'
  button.role = 'treeitem'
  button.ariaLevel = String(depth + 1)
  button.tabIndex = -1
  button.dataset.testid = kind
  button.dataset.path = path
  button.style.setProperty('--depth', depth)
  button.textContent = path.slice(path.lastIndexOf('/') + 1)
  item.append(button)
  rows.set(path, button)
  mark(path)
  return item
}

function mark(path) {
  const button = rows.get(path)
  if (button?.dataset.testid === 'file')
    button.ariaSelected = String(path === selected)
  button?.toggleAttribute('data-dirty', drafts.has(path))
}

/** Makes the tree one stop for the Tab key. The arrow keys move within it. */
function stopAt(button) {
  view.tree.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1')
  button?.setAttribute('tabindex', '0')
}

function toggle(button, open = button.ariaExpanded !== 'true') {
  toggled.set(button.dataset.path, open)
  renderTree()
}

view.tree.addEventListener('click', ({ target }) => {
  const button = target.closest('button')
  if (!button)
    return
  stopAt(button)
  if (button.dataset.testid === 'folder')
    toggle(button)
  else
    openFile(button.dataset.path)
})

view.tree.addEventListener('focusin', ({ target }) => stopAt(target))

view.tree.addEventListener('keydown', (event) => {
  const button = event.target
  const all = [...view.tree.querySelectorAll('button')]
  const at = all.indexOf(button)
  const parent = rows.get(button.dataset.path.slice(0, Math.max(0, button.dataset.path.lastIndexOf('/'))))
  const moves = {
    ArrowDown: () => all[at + 1]?.focus(),
    ArrowUp: () => all[at - 1]?.focus(),
    Home: () => all[0].focus(),
    End: () => all.at(-1).focus(),
    ArrowRight: () => button.ariaExpanded === 'false' ? toggle(button) : button.ariaExpanded && all[at + 1]?.focus(),
    ArrowLeft: () => button.ariaExpanded === 'true' ? toggle(button) : parent?.focus(),
  }
  if (!Object.hasOwn(moves, event.key))
    return
  event.preventDefault()
  moves[event.key]()
})

view.filter.addEventListener('input', () => {
  if (!files)
    return
  renderTree()
  view.tree.scrollTop = 0
})

// ---- the open file --------------------------------------------------------------------------

/**
 * A document: `text` is the editor's content, `saved` the last known content on disk (undefined if the file is gone), `disk` the
 * current content on disk if it conflicts with the edits, and `eol` the line ending of the file, which the editor hides.
 */
let doc
let opening // the latest attempt to open a file; older ones are ignored
const drafts = new Map() // path → document with unsaved edits

const isDirty = ({ text, saved }) => text !== saved

async function openFile(path) {
  const turn = opening = {}
  const before = selected
  selected = path
  mark(before)
  mark(path)
  doc = drafts.get(path)
  say()
  renderDocument()
  if (doc)
    return compare(doc)
  try {
    const found = fromDisk(await rpc.call('file-explorer:read-file', path))
    if (opening !== turn)
      return
    doc = { path, text: found.saved, ...found }
    renderDocument()
  }
  catch (error) {
    if (opening === turn)
      say(error.message)
  }
}

/** Reads the selected file again. */
async function reopen() {
  if (doc)
    await compare(doc)
  else if (selected)
    await openFile(selected)
}

/** The editor only has `\n`. Saving restores the line ending of the file, for all its lines. */
function fromDisk({ content, size }) {
  return { saved: content.replaceAll('\r\n', '\n'), eol: content.includes('\r\n') ? '\r\n' : '\n', size }
}

/** Shows the file on disk, or asks the user if there are edits. */
async function compare(target) {
  await target.saving // a change that is being saved is not a conflict
  const turn = target.turn = {}
  let found
  try {
    found = fromDisk(await rpc.call('file-explorer:read-file', target.path))
  }
  catch (error) {
    if (target.turn !== turn || rpc.status !== 'connected')
      return
    target.saved = target.disk = undefined
    keepDraft(target)
    if (target === doc)
      say(`${error.message} (the editor shows the old text; saving writes it again)`)
    return renderDocument()
  }
  if (target.turn !== turn)
    return
  if (!isDirty(target) || found.saved === target.text)
    return take(target, found)
  target.disk = found.saved === target.saved ? undefined : found
  renderDocument()
}

function take(target, found) {
  Object.assign(target, found, { text: found.saved, disk: undefined })
  keepDraft(target)
  if (target === doc)
    say()
  renderDocument()
}

async function save() {
  const target = doc
  if (!target || !isDirty(target) || target.saving || readOnly)
    return
  const { text } = target
  target.turn = undefined // a running comparison would use the old content
  target.saving = rpc.call('file-explorer:write-file', target.path, text.replaceAll('\n', target.eol))
    .then(({ size }) => {
      Object.assign(target, { saved: text, size, disk: undefined })
      say()
    })
    .catch(error => say(`Could not save: ${error.message}`))
    .finally(() => {
      target.saving = undefined
      keepDraft(target)
    })
  renderDocument()
  await target.saving
  renderDocument()
}

function keepDraft(target) {
  if (isDirty(target))
    drafts.set(target.path, target)
  else
    drafts.delete(target.path)
  mark(target.path)
}

function renderDocument() {
  const dirty = Boolean(doc && isDirty(doc))
  view.name.textContent = selected ?? 'No file open'
  view.name.title = selected ?? ''
  document.title = `${dirty ? '• ' : ''}${selected ? `${selected} – ` : ''}File Explorer`
  view.dirty.hidden = !dirty
  view.size.textContent = doc?.size === undefined ? '' : plural(doc.size, 'byte')
  view.save.disabled = !dirty || Boolean(doc.saving) || readOnly
  view['changed-bar'].hidden = !doc?.disk
  view.editor.disabled = !doc
  view.editor.readOnly = readOnly
  view.editor.placeholder = selected ? '' : 'Choose a file on the left.'
  const text = doc?.text ?? ''
  if (view.editor.value !== text) {
    const { selectionStart, selectionEnd, scrollTop } = view.editor
    view.editor.value = text
    // A newer version of the same file keeps the position; another file starts at its beginning.
    const same = view.editor.dataset.path === selected
    view.editor.setSelectionRange(same ? selectionStart : 0, same ? selectionEnd : 0)
    view.editor.scrollTop = same ? scrollTop : 0
  }
  view.editor.dataset.path = selected ?? ''
}

view.editor.addEventListener('input', () => {
  doc.text = view.editor.value
  keepDraft(doc)
  renderDocument()
})

view.save.addEventListener('click', save)
view.reload.addEventListener('click', () => take(doc, doc.disk))
view.keep.addEventListener('click', () => {
  const { saved, eol } = doc.disk // the user keeps the edits: the next save overwrites the file
  Object.assign(doc, { saved, eol, disk: undefined })
  renderDocument()
  view.editor.focus()
})
view.retry.addEventListener('click', start)

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 's') {
    event.preventDefault() // also if there is nothing to save, because the browser's dialog does not help here
    save()
  }
})

addEventListener('beforeunload', (event) => {
  if (drafts.size)
    event.preventDefault()
})

start()
