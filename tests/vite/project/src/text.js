export const text = 'the project'

import.meta.hot?.accept(({ text }) => document.querySelector('#app').textContent = text)
