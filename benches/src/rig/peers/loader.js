// Executes the module that a request consists of in an isolate that is made for it.
const MAIN = `
import called from 'function.js';
export default { fetch: async () => Response.json(await called()) };
`;
let number = 0;

export default {
  async fetch(request, { LOADER }) {
    const source = await request.text();
    number += 1;
    const worker = LOADER.get(`isolate ${number}`, () => ({
      compatibilityDate: '2025-06-01',
      mainModule: 'main.js',
      modules: { 'main.js': MAIN, 'function.js': source },
      globalOutbound: null,
    }));
    return worker.getEntrypoint().fetch('http://function/');
  },
};
