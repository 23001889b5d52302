/**
 * The guest programs as files of the browser view: programs.json (asm/catalogue.ts), programs/NAME as built, and their
 * sources. `vite dev` serves the same from where they lie.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { catalogue } from '../asm/catalogue.ts';
import { ASM_DIR, FIXTURES_DIR } from '../asm/programs.ts';

export const programFiles = (): Plugin => ({
  name: 'program-files',
  applyToEnvironment: ({ name }) => name === 'client',
  generateBundle() {
    for (const [fileName, read] of files()) this.emitFile({ type: 'asset', fileName, source: read() });
  },
  configureServer({ middlewares }) {
    const served = files();
    middlewares.use((request, response, next) => {
      const read = served.get(new URL(request.url ?? '/', 'http://localhost').pathname.slice(1));
      if (read === undefined) next();
      else response.end(read());
    });
  },
});

/** Path in dist/web -> what is in it. */
function files(): Map<string, () => string | Uint8Array> {
  const entries = catalogue();
  const sources = new Set(entries.flatMap((entry) => entry.sources));
  return new Map<string, () => string | Uint8Array>([
    ['programs.json', () => JSON.stringify(entries)],
    ...entries.map(({ name }) => [`programs/${name}`, () => readFileSync(join(FIXTURES_DIR, name))] as const),
    ...[...sources].map((path) => [`sources/${path}`, () => readFileSync(join(ASM_DIR, path))] as const),
  ]);
}
