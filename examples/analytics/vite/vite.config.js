import devtoolsRuntime from 'vite-plugin-devtools-runtime'

export default { devtools: true, plugins: [devtoolsRuntime({ command: 'analytics' })] }
