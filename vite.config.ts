/**
 * The browser view as a static application in dist/web: the page, and the machine's worker. Paths are relative, so that
 * any static host can serve it from any directory.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { isElfinfo, NEEDLESS_MODULES } from './elfinfo.ts';
import { valuesAsModule } from './prebuilt.ts';
import { assemblerPack } from './vite/assembler-pack.ts';
import { contentSecurity } from './vite/content-security.ts';
import { element } from './vite/element.ts';
import { Licences } from './vite/licences.ts';
import { offline } from './vite/offline.ts';
import { programFiles } from './vite/programs.ts';

/** As in build.ts: a file `*.prebuilt.ts` becomes the values of its exports. */
const prebuilt = (): Plugin => ({
  name: 'prebuilt',
  async load(id) {
    return /\.prebuilt\.ts$/.test(id) ? valuesAsModule(await import(pathToFileURL(id).href)) : undefined;
  },
});

/** elfinfo's modules of Node, which it does not need from us (build.ts). */
const elfinfoWithoutNode = (): Plugin => ({
  name: 'elfinfo-without-node',
  enforce: 'pre',
  resolveId: (id, importer) =>
    importer !== undefined && isElfinfo(importer) && NEEDLESS_MODULES.test(id) ? '\0nothing' : undefined,
  load: (id) => (id === '\0nothing' ? 'export default {};' : undefined),
});

const licences = new Licences();
/** Of the page and of its workers. */
const plugins = (): Plugin[] => [elfinfoWithoutNode(), prebuilt(), licences.collect()];

export default defineConfig({
  root: fileURLToPath(new URL('src/web', import.meta.url)),
  base: './',
  plugins: [...plugins(), programFiles(), assemblerPack(), element(), contentSecurity(), licences.write(), offline()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', plugins },
  build: {
    outDir: fileURLToPath(new URL('dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
