/** The import direction of the source tree: who may know whom. A new folder has to be entered here. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** folder -> folders it may import besides itself. `(root)` is src/*.ts, what the package exports. */
const BELOW_KERNEL = ['base', 'abi', 'elf', 'mem', 'cpu', 'host'];
const BELOW_DEBUG = [...BELOW_KERNEL, 'kernel', 'machine'];
const BELOW_FRONT_ENDS = [...BELOW_DEBUG, 'debug', 'story', 'explore', 'gdb', 'dap', '(root)'];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  abi: ['base'],
  elf: ['base', 'abi'],
  mem: ['base'],
  cpu: ['base', 'mem'],
  host: ['base', 'abi'],
  kernel: BELOW_KERNEL,
  machine: [...BELOW_KERNEL, 'kernel'],
  debug: BELOW_DEBUG,
  story: [...BELOW_DEBUG, 'debug'],
  explore: BELOW_DEBUG,
  gdb: [...BELOW_DEBUG, 'debug'],
  dap: [...BELOW_DEBUG, 'debug'],
  unicorn: ['base', 'mem', 'cpu'],
  vitest: [...BELOW_DEBUG, '(root)'],
  '(root)': BELOW_DEBUG,
  cli: [...BELOW_FRONT_ENDS, 'tui', 'web'],
  tui: BELOW_FRONT_ENDS,
  web: BELOW_FRONT_ENDS,
};

/** Where modules of Node may be used. */
const NODE_FILES = /^(?:host\/node[\w-]*\.ts|(?:cli|tui)\/.*)$/;
/** Packages, and the folders that may use them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@codemirror': ['web'],
  '@lezer': ['web'],
  '@preact': ['web'],
  '@vscode': ['dap'],
  '@xterm': ['web'],
  'cli-progress': ['cli'],
  comlink: ['web'],
  elfinfo: ['elf'],
  ink: ['tui'],
  preact: ['web'],
  react: ['tui'],
  sirv: ['cli'],
  vitest: ['vitest'],
};

interface Import {
  readonly from: string;
  readonly specifier: string;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

const imports: Import[] = globSync('**/*.{ts,tsx}', { cwd: SRC }).flatMap((from) =>
  [...readFileSync(SRC + from, 'utf8').matchAll(IMPORT)].map(([, a, b, c]) => ({ from, specifier: a ?? b ?? c })),
);

const folderOf = (file: string): string => (file.includes('/') ? file.split('/')[0] : '(root)');

describe('imports', () => {
  test('point downwards', () => {
    const wrong = imports
      .filter(({ specifier }) => specifier.startsWith('.') && /\.tsx?$/.test(specifier))
      .map(({ from, specifier }) => ({ from, to: normalize(join(dirname(from), specifier)) }))
      .filter(({ from, to }) => {
        const [source, target] = [folderOf(from), folderOf(to)];
        return source !== target && !MAY_IMPORT[source]?.includes(target);
      });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('of node: are in the doors to the outside only', () => {
    const wrong = imports.filter(({ from, specifier }) => specifier.startsWith('node:') && !NODE_FILES.test(from));
    expect(wrong.map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([]);
  });

  test('of packages are where they belong', () => {
    const wrong = imports.filter(
      ({ from, specifier }) =>
        !specifier.startsWith('.') &&
        !specifier.startsWith('node:') &&
        !PACKAGES[specifier.split('/')[0]]?.includes(folderOf(from)),
    );
    expect(wrong.map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([]);
  });

  test('are of files that exist, with their extension', () => {
    const relative = imports.filter(({ specifier }) => specifier.startsWith('.'));
    expect(relative.filter(({ specifier }) => !/\.(?:tsx?|json|css)$/.test(specifier))).toEqual([]);
    expect(relative.length).toBeGreaterThan(10);
  });
});
