/** pml4-machine.js: the web component for other people's pages (src/web/element), one plain script. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vite';

const SOURCE = fileURLToPath(new URL('../src/web/element/pml4-machine.ts', import.meta.url));
const NAME = 'pml4-machine.js';

export const element = (): Plugin => ({
  name: 'element',
  async generateBundle() {
    this.emitFile({ type: 'asset', fileName: NAME, source: await bundle(true) });
  },
  configureServer({ middlewares }) {
    middlewares.use((request, response, next) => {
      if (request.url !== `/${NAME}`) return next();
      bundle(false).then((text) => response.setHeader('Content-Type', 'text/javascript').end(text), next);
    });
  },
});

async function bundle(minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [SOURCE],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify,
    write: false,
  });
  return outputFiles[0].text;
}
