/** A session on one of our programs, with its source at hand. */
import { readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { Session } from '../../../src/debug/commands/session.ts';
import { Engine } from '../../../src/debug/engine.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDERS: Readonly<Record<string, string>> = {
  native: join(ROOT, 'test/debug/native'),
  fixtures: join(ROOT, 'fixtures'),
};
const SOURCES = [join(ROOT, 'asm'), join(ROOT, 'test/debug/native')];

/** `fixtures/shm_demo`, `native/state`, or a path. */
export async function openSession(program: string, stdin?: string): Promise<Session> {
  const [folder, name] = program.split('/');
  const bytes = readFileSync(isAbsolute(program) ? program : join(FOLDERS[folder], name));
  const engine = await Engine.open({ program: bytes, path: basename(program), stdin });
  return new Session(engine, { readSource });
}

function readSource(path: string): string | undefined {
  for (const directory of SOURCES) {
    try {
      return readFileSync(join(directory, basename(path)), 'utf8');
    } catch {
      // Perhaps it is in the next one.
    }
  }
  return undefined;
}
