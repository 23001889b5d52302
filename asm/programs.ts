/** The guest programs of this folder: what each is called when built, and how it is run when it is recorded. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VARYING, type Varying } from './varying.ts';

export const ASM_DIR = fileURLToPath(new URL('.', import.meta.url));
export const FIXTURES_DIR = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** The published build line gives the demo its short name; the others keep their source's name. */
const BUILT_NAMES: Readonly<Record<string, string>> = {
  shared_memory_demo: 'shm_demo',
  shared_memory_demo_fixed: 'shm_demo_fixed',
  private_memory_demo: 'private_demo',
};

/** Arguments of the recorded run, where there are any. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  arguments: ['one', 'two words', ''],
  initial_stack: ['one', 'two words', ''],
};

/** What ld is told besides, where it is. */
const LINK_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  position_independent: ['-pie', '--no-dynamic-linker'],
};

/** Programs that ask what Linux tells root only. */
const FOR_ROOT: ReadonlySet<string> = new Set(['pagemap_frames', 'shared_library']);

export interface GuestProgram {
  readonly name: string;
  /** File name in asm/. */
  readonly source: string;
  readonly args: readonly string[];
  readonly linkOptions: readonly string[];
  /** What comes out differently each time. */
  readonly varying: readonly Varying[];
  /** Whether Linux has to run it as root, for it to do what is recorded. */
  readonly asRoot: boolean;
}

export const programs: readonly GuestProgram[] = readdirSync(ASM_DIR)
  .filter((file) => /\.(?:asm|c)$/.test(file))
  .sort()
  .map((source) => {
    const base = source.replace(/\.\w+$/, '');
    const name = BUILT_NAMES[base] ?? base;
    return {
      name,
      source,
      args: ARGUMENTS[name] ?? [],
      linkOptions: LINK_OPTIONS[name] ?? [],
      varying: VARYING[name] ?? [],
      asRoot: FOR_ROOT.has(name),
    };
  });
