/** The link to what a page shows now. */
import { UsageError } from '../../../base/invariant.ts';
import type { ProgramSpec } from '../../protocol.ts';
import { lessons } from '../lesson/lesson-store.ts';
import type { MachineStore } from '../machine-store.ts';
import type { Link, LinkedProgram } from './link.ts';
import { findMainSource, findOrigin } from './origin.ts';
import { MOST_PACKED, pack } from './packing.ts';

/** UsageError: it cannot be said in a link. */
export async function linkOf(machine: MachineStore): Promise<Link> {
  const [spec, view] = [machine.spec.value, machine.view.value];
  if (spec === undefined || view === undefined) throw new UsageError('no program is open');
  if (Object.keys(spec.files ?? {}).length > 0)
    throw new UsageError('a link cannot hold the files that this program was given');
  if (await machine.ask((session) => session.hasChanges()))
    throw new UsageError('memory was changed here: a link leads to the run as it was without that');
  const origin = findOrigin(spec.program);
  const usual = origin?.usual;
  const isAtStart = view.stop.kind === 'start' && view.typed.length === 0;
  const lesson = lessons.lesson.value;
  if (lesson !== undefined)
    return {
      program: { kind: 'lesson', name: lesson.id, step: lessons.index.value + 1 },
      position: view.position,
      tid: view.tid === 0 ? undefined : view.tid,
      address: view.address,
    };
  return {
    program: origin?.program ?? (await carry(spec.path, spec.program)),
    args: sameWords(spec.args ?? [], usual?.args ?? []) ? undefined : (spec.args ?? []),
    env: sameWords(wordsOf(spec.env), wordsOf(usual?.env)) ? undefined : spec.env,
    stdin: spec.stdin,
    seed: spec.seed === usual?.seed ? undefined : spec.seed,
    quantum: spec.quantum === usual?.quantum ? undefined : spec.quantum,
    isPrivate: spec.asPrivate,
    typed: view.typed.map(({ position, bytes }) => ({ position, text: new TextDecoder().decode(bytes) })),
    position: isAtStart ? undefined : view.position,
    tid: view.tid === 0 || isAtStart ? undefined : view.tid,
    address: view.address,
  };
}

/** A program that was made or dropped here, with the source that it was made of. */
async function carry(path: string, program: Uint8Array): Promise<LinkedProgram> {
  const name = path.replace(/^.*\//, '').slice(0, 80);
  const packed = await pack(program);
  const own = findMainSource(program);
  if (own === undefined) return { kind: 'elf', name, packed };
  const source = { name: own.name, packed: await pack(new TextEncoder().encode(own.text)) };
  // The program alone is worth a link, too.
  return { kind: 'elf', name, packed, source: packed.length + source.packed.length > MOST_PACKED ? undefined : source };
}

const wordsOf = (env: ProgramSpec['env']): string[] => Object.entries(env ?? {}).flat();
const sameWords = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, i) => word === b[i]);
