/**
 * service-worker.js, which keeps the page for use without a network: src/web/offline/service-worker.ts with the names and
 * hashes of all files that were built. `vite dev` has none, so that nothing stands between it and the sources.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vite';

const WORKER = 'service-worker.js';
const SOURCE = fileURLToPath(new URL('../src/web/offline/service-worker.ts', import.meta.url));
/** Large and seldom needed, or for somebody else's pages. */
const WHEN_USED = /^(?:assembler\/.*|assets\/assembler-.*|THIRD-PARTY\.txt|pml4-machine\.js|embed-example\..*)$/;
const HASH_LENGTH = 16;

export const offline = (): Plugin => ({
  name: 'offline',
  apply: 'build',
  enforce: 'post',
  writeBundle: {
    order: 'post',
    sequential: true,
    async handler({ dir }) {
      const paths = globSync('**', { cwd: dir! })
        .map((path) => path.replaceAll('\\', '/'))
        .filter((path) => path !== WORKER && statSync(join(dir!, path)).isFile())
        .sort();
      const files = Object.fromEntries(paths.map((path) => [path, hashOf(join(dir!, path))]));
      const { outputFiles } = await build({
        entryPoints: [SOURCE],
        bundle: true,
        format: 'iife',
        target: 'es2022',
        minify: true,
        write: false,
        define: {
          FILES: JSON.stringify(files),
          WHEN_USED: JSON.stringify(paths.filter((path) => WHEN_USED.test(path))),
        },
      });
      await writeFile(join(dir!, WORKER), outputFiles[0].contents);
    },
  },
});

const hashOf = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, HASH_LENGTH);
