/** The book: the pages of this folder, built with `npm ci && npm run build`. A dead link ends the build. */
import process from 'node:process'
import { defineConfig } from 'vitepress'

const REPOSITORY = 'https://github.com/devtools-runtime/devtools-runtime'

/** The chapters. A test checks that each page of this folder is here once. */
const sidebar = [
  {
    text: 'Begin',
    items: [
      { text: 'About this book', link: '/' },
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Functions and kinds', link: '/functions' },
      { text: 'Organization of a plugin', link: '/organization' },
      { text: 'The command line', link: '/command-line' },
      { text: 'The inspector', link: '/inspector' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
    ],
  },
  {
    text: 'Functions',
    items: [
      { text: 'Context, state and setup', link: '/context' },
      { text: 'Errors', link: '/errors' },
      { text: 'Both directions', link: '/both-directions' },
      { text: 'Streaming', link: '/streaming' },
      { text: 'Shared state', link: '/shared-state' },
      { text: 'Layers and roles', link: '/layers' },
    ],
  },
  {
    text: 'Panels',
    items: [
      { text: 'Panels without a bundler', link: '/panels' },
      { text: 'Panels with Vite and types', link: '/panels-with-vite' },
      { text: 'Docks and views', link: '/docks' },
      { text: 'Static builds', link: '/static-builds' },
      { text: 'In a Vite project', link: '/vite' },
      { text: 'Coding agents', link: '/agents' },
    ],
  },
  {
    text: 'Operation',
    items: [
      { text: 'Trust and security', link: '/trust' },
      { text: 'Addresses and origins', link: '/serving' },
      { text: 'Mounting and proxies', link: '/mounting' },
      { text: 'Testing', link: '/testing' },
      { text: 'Encryption', link: '/tls' },
      { text: 'Many processes', link: '/scaling' },
      { text: 'Spans, metrics and warnings', link: '/observability' },
    ],
  },
  {
    text: 'Coming from',
    items: [
      { text: 'The TypeScript kit', link: '/from-the-typescript-kit' },
      { text: 'jsonrpsee, tarpc and tRPC', link: '/coming-from' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Stability and versions', link: '/stability' },
      { text: 'The protocol', link: '/protocol' },
      { text: 'Performance', link: '/performance' },
      { text: 'Compile time', link: '/compile-time' },
      { text: 'Constructs of the kit’s guides', link: '/guides-coverage' },
    ],
  },
]

/** Makes the anchor of a heading as code hosts do, so that links work in both places. */
function slugify(heading) {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')
}

/** Blocks that a test of the protocol reads. */
const OF_TESTS = ['frames', 'hashes', 'values']

/**
 * Shows code as a reader wants it: without the lines and words that are for the tests of the Rust compiler, and with the name of its file above
 * it. In the source of a page, the name is behind the language: ```rust [src/main.rs].
 */
function showCode(md) {
  const render = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index]
    const [, language, name] = /^(\w*)[^[]*(?:\[(.+)\])?/.exec(token.info)
    token.info = OF_TESTS.includes(language) ? 'text' : language
    if (language === 'rust')
      token.content = token.content.replace(/^#(?: .*)?\n/gm, '')
    const title = name ? `<p class="file-name">${md.utils.escapeHtml(name)}</p>` : ''
    return title + render(tokens, index, ...rest)
  }
}

export default defineConfig({
  title: 'devtools-runtime',
  description: 'Typed RPC between tools written in Rust and their panels, on the wire of Vite DevTools',
  // The path at which the book is hosted, such as `/devtools-runtime/`.
  base: process.env.BOOK_BASE ?? '/',
  rewrites: { 'README.md': 'index.md' },
  cleanUrls: false,
  markdown: { anchor: { slugify }, config: showCode },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path` },
  },
})
