/** Where in a program an instruction is: its symbol and source line, or its file. Asked while the machine stands there. */
import { hex, PAGE, vaddrOf, vpnOf } from '../../base/ints.ts';
import { vmaName } from '../../kernel/mm/describe.ts';
import type { Task } from '../../kernel/task/task.ts';
import { lineAt, symbolAt } from '../inspect/modules.ts';

/** A place in the code. */
export interface CodePlace {
  readonly rip: bigint;
  /** `_start+0x39`, `write+0x10 in libc.so.6`, `libfoo.so+0x2a1b0`; undefined in code without a name. */
  readonly name: string | undefined;
  /** Where the file has line tables. */
  readonly line: { readonly path: string; readonly number: number } | undefined;
}

export function placeOf(task: Task, rip: bigint): CodePlace {
  const line = lineAt(task, rip);
  return { rip, name: nameAt(task, rip), line: line && { path: line.file.path, number: line.line } };
}

function nameAt(task: Task, rip: bigint): string | undefined {
  const found = symbolAt(task, rip);
  if (found !== undefined) {
    const file = found.module.isProgram ? '' : ` in ${baseName(found.module.path)}`;
    return plus(found.symbol.name, BigInt(found.offset)) + file;
  }
  const vma = task.hasMemory() ? task.mm.vmas.find(vpnOf(rip)) : undefined;
  const name = vma && vmaName(task.mm, vma);
  if (!vma || !name) return undefined;
  const inFile = vma.file === undefined ? 0n : BigInt(vma.offset) * PAGE;
  return plus(baseName(name), rip - vaddrOf(vma.start) + inFile);
}

export const baseName = (path: string): string => path.replace(/^.*\//, '');

const plus = (name: string, offset: bigint): string => (offset === 0n ? name : `${name}+${hex(offset)}`);
