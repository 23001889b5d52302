/**
 * `npm run build`: makes dist/ from src/.
 *   cli.js                   the command: one of the next two with a cache of its compiled functions
 *   cli-run.js               `pml4 run`, in one file; what few programs need is evaluated when it is asked for
 *   cli-main.js              all of the command
 *   tui.mjs, tui.cjs    the terminal view of the debugger, and what lets cli-main.js load it
 *   index.mjs, debug.mjs, unicorn.mjs, vitest.mjs    the library, the debugger's engine, the CPU alone, the matchers
 *   types/                   declarations
 * The browser view, dist/web, is made by `npm run build:web` (vite.config.ts); neither of the two touches the other's.
 * The command is CommonJS, which Node starts 8 ms sooner than an ES module of this size; the cache saves another 20,
 * and of a program that is translated 40.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { isElfinfo, NEEDLESS_MODULES } from './elfinfo.ts';
import { describeLicences } from './licences.ts';
import { valuesAsModule } from './prebuilt.ts';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** What elfinfo does not need becomes empty. */
export const elfinfoWithoutNode: Plugin = {
  name: 'elfinfo-without-node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: NEEDLESS_MODULES }, ({ importer }) =>
      isElfinfo(importer) ? { path: 'nothing', namespace: 'nothing' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * What depends on nothing but the sources is worked out now: a file `*.prebuilt.ts` becomes the values of its exports.
 * A function of it becomes one with the result at hand, which is made when it is called for.
 */
const prebuilt: Plugin = {
  name: 'prebuilt',
  setup({ onLoad }) {
    onLoad({ filter: /\.prebuilt\.ts$/ }, async ({ path }) => ({
      contents: valuesAsModule(await import(pathToFileURL(path).href)),
    }));
  },
};

/**
 * Families of instructions and files of system calls are evaluated when they are first met: in the lists of them,
 * `() => family` of an imported module gets it by `require`. What nobody else imports becomes a function, so that its
 * names are in nobody's scope before it is called: V8 pays for every name of the outermost one when the command starts.
 */
const lazyLists: Plugin = {
  name: 'lazy-lists',
  setup({ onLoad }) {
    const lists = globSync(LISTS, { cwd: ROOT }).map((file) => ROOT + file);
    const others = globSync('src/**/*.ts', { cwd: ROOT })
      .map((file) => ROOT + file)
      .filter((file) => !lists.includes(file));
    const shared = new Set(
      others.flatMap((file) => importsOf(readFileSync(file, 'utf8'), file).map(({ path }) => path)),
    );
    const whole = new Set(
      lists
        .flatMap((file) => importsOf(readFileSync(file, 'utf8'), file))
        .filter(({ path, isNamespace }) => isNamespace && !shared.has(path))
        .map(({ path }) => path),
    );
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!lists.includes(path) && !whole.has(path)) return undefined;
      const text = readFileSync(path, 'utf8');
      return { contents: whole.has(path) ? asFunction(text) : lazyList(text, path, whole), loader: 'ts' };
    });
  },
};

/** Where the lists are. */
const LISTS = ['src/cpu/isa/index.ts', 'src/kernel/syscalls/files.ts'];

function importsOf(text: string, file: string): { path: string; isNamespace: boolean }[] {
  return [...text.matchAll(/^(?:import|export)\s[^;'"]*?from '(\.[^']+)';/gm)]
    .filter(([statement]) => !statement.startsWith('import type '))
    .map(([statement, from]) => ({ path: join(file, '..', from), isNamespace: statement.startsWith('import * as ') }));
}

function lazyList(text: string, file: string, whole: ReadonlySet<string>): string {
  const loaders = new Map<string, string>();
  return text
    .replaceAll(/^import \* as (\w+) from '(.*)';$/gm, (_, name, from) => {
      loaders.set(name, `require('${from}')${whole.has(join(file, '..', from)) ? '.evaluate()' : ''}`);
      return '';
    })
    .replaceAll(/\(\) => (\w+)(?=[,\s])/g, (_, name) => `() => ${loaders.get(name)}`);
}

/** A module as imports and a function that gives what it exports. */
function asFunction(text: string): string {
  const imports: string[] = [];
  const names: string[] = [];
  const body = text
    .replaceAll(/^import\s[^;'"]*?from '[^']+';/gm, (statement) => {
      imports.push(statement);
      return '';
    })
    .replaceAll(/^export ((?:async )?(?:const|function|class) (\w+))/gm, (_, declaration, name) => {
      names.push(name);
      return declaration;
    })
    .replaceAll(/^export (?=type |interface )/gm, '');
  return `${imports.join('\n')}\nexport function evaluate() {\n${body}\nreturn { ${names.join(', ')} };\n}\n`;
}

/**
 * The terminal view is a bundle of its own: Ink awaits at its top level, which CommonJS cannot. What the launcher
 * evaluates has no `import()`; a file that is required has.
 */
const terminalViewApart: Plugin = {
  name: 'terminal-view-apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/tui\.cjs$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /[\\/]cli[\\/]terminal-debugger\.ts$/ }, () => ({
      contents: `
        export const debugInTerminal = async (...args) =>
          (await require('./tui.cjs').load()).debugInTerminal(...args);`,
      loader: 'js',
      resolveDir: ROOT,
    }));
  },
};

/** Ink imports React's tools for developers, which are no package of ours, and uses them only when DEV is set. */
const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'devtools', namespace: 'devtools' }));
    onLoad({ filter: /.*/, namespace: 'devtools' }, () => ({ contents: 'export default {};' }));
  },
};

const COMMON: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node22.12',
  plugins: [elfinfoWithoutNode, prebuilt, lazyLists],
  legalComments: 'none',
  logLevel: 'warning',
};

/** The command, in a directory of its own. */
export async function bundleCommand(outdir: string): Promise<void> {
  const command: BuildOptions = { ...COMMON, format: 'cjs', outdir, minify: true };
  // As the launcher evaluates it: another megabyte that is put together from this one costs time.
  const asExpression = {
    banner: { js: '(function(exports,require,module,__filename,__dirname){' },
    footer: { js: '})' },
  };
  const entryPoints = { 'cli-main': 'src/cli/main.ts', 'cli-run': 'src/cli/run-main.ts' };
  const plugins = [...(COMMON.plugins ?? []), terminalViewApart];
  const main = await build({ ...command, ...asExpression, entryPoints, plugins, metafile: true });
  const view = await bundleTerminalView(outdir);
  const inputs = [main.metafile, view].flatMap((metafile) => Object.keys(metafile.inputs));
  writeFileSync(join(outdir, 'THIRD-PARTY.txt'), describeLicences(inputs));
  const bundle = (file: string): string => {
    const hash = createHash('sha256').update(readFileSync(join(outdir, file)));
    return JSON.stringify({ file, hash: hash.digest('hex').slice(0, 16) });
  };
  await build({
    ...command,
    entryPoints: { cli: 'src/cli/launcher.ts' },
    banner: { js: '#!/usr/bin/env node' },
    define: { MAIN_BUNDLE: bundle('cli-main.js'), RUN_BUNDLE: bundle('cli-run.js') },
  });
  chmodSync(join(outdir, 'cli.js'), 0o755);
  writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
}

async function bundleTerminalView(outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    metafile: true,
    ...COMMON,
    format: 'esm',
    outfile: join(outdir, 'tui.mjs'),
    entryPoints: ['src/cli/terminal-debugger.ts'],
    minify: true,
    plugins: [...(COMMON.plugins ?? []), withoutDevtools],
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  writeFileSync(join(outdir, 'tui.cjs'), "exports.load = () => import('./tui.mjs');\n");
  return metafile!;
}

async function bundleLibrary(): Promise<void> {
  await build({
    ...COMMON,
    format: 'esm',
    entryPoints: {
      index: 'src/index.ts',
      unicorn: 'src/unicorn/unicorn.ts',
      debug: 'src/debug/index.ts',
      vitest: 'src/vitest/matchers.ts',
    },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
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
  writeFileSync(`${ROOT}dist/types/package.json`, '{ "type": "module" }\n');
  for (const file of globSync('dist/types/**/*.d.ts', { cwd: ROOT })) {
    const text = readFileSync(ROOT + file, 'utf8');
    writeFileSync(ROOT + file, text.replaceAll(/((?:from|import\() ?['"]\.{1,2}\/[^'"]*)\.ts(['"])/g, '$1.js$2'));
  }
}

/** What this makes; dist/web is `npm run build:web`'s. */
function removeBuilt(): void {
  if (!existsSync(`${ROOT}dist`)) return;
  for (const entry of readdirSync(`${ROOT}dist`))
    if (entry !== 'web') rmSync(`${ROOT}dist/${entry}`, { recursive: true });
}

if (import.meta.main) {
  removeBuilt();
  await bundleCommand(`${ROOT}dist`);
  await bundleLibrary();
  if (!process.argv.includes('--no-types')) declarations();
}
