/**
 * `npm run build`: makes dist/ from src/.
 *   cli.js                 the command, one file; what `run` does not need is evaluated when it is asked for
 *   index.js, vitest.js    the library and the matchers, ES modules sharing chunks
 *   types/                 declarations
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const ROOT = new URL('.', import.meta.url).pathname;

/** elfinfo imports `fs` at the top for inputs that are paths; it only ever gets bytes from us. */
export const elfinfoWithoutFs: Plugin = {
  name: 'elfinfo-without-fs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^fs(\/promises)?$/ }, ({ importer }) =>
      /[\\/]elfinfo[\\/]/.test(importer) ? { path: 'fs', namespace: 'nothing' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const COMMON: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.12',
  plugins: [elfinfoWithoutFs],
  legalComments: 'none',
  logLevel: 'warning',
};

async function bundle(): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: 'dist',
    minify: true,
    keepNames: true,
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(`${ROOT}dist/cli.js`, 0o755);
  await build({
    ...COMMON,
    entryPoints: { index: 'src/index.ts', vitest: 'src/vitest/matchers.ts' },
    outdir: 'dist',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    sourcemap: true,
    external: ['vitest'],
  });
}

/** tsc keeps the `.ts` of relative imports in declarations; a package needs `.js` there. */
function declarations(): void {
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { cwd: ROOT, stdio: 'inherit' });
  if (result.status !== 0) throw new Error('tsc failed on tsconfig.types.json');
  for (const file of globSync('dist/types/**/*.d.ts', { cwd: ROOT })) {
    const text = readFileSync(ROOT + file, 'utf8');
    writeFileSync(ROOT + file, text.replaceAll(/((?:from|import\() ?['"]\.{1,2}\/[^'"]*)\.ts(['"])/g, '$1.js$2'));
  }
}

if (import.meta.main) {
  rmSync(`${ROOT}dist`, { recursive: true, force: true });
  await bundle();
  if (!process.argv.includes('--no-types')) declarations();
}
