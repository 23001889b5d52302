/**
 * What the words are that the kernel puts on the stack before a program starts: the count and the pointers of its
 * arguments, those of its environment, and the auxiliary vector. System V ABI, AMD64 supplement, "Initial Stack and
 * Register State". Read from memory as it is: a program that has written over them has other words there.
 */
import * as auxv from '../../abi/auxv.ts';
import { readMemory } from '../../debug/inspect/memory.ts';
import type { Task } from '../../kernel/task/task.ts';

const AUXV_NAMES = new Map(
  Object.entries(auxv).flatMap(([name, value]) =>
    name.startsWith('AT_') && typeof value === 'number' ? [[BigInt(value), name] as const] : [],
  ),
);
const MOST_WORDS = 512;

/** By address; of a longer list only the first part. */
export function startRoles(task: Task): ReadonlyMap<bigint, string> {
  const roles = new Map<bigint, string>();
  if (!task.hasMemory() || task.mm.stackStart === 0n) return roles;
  const start: bigint = task.mm.stackStart;
  const bytes = readMemory(task, start, MOST_WORDS * 8);
  const words = new BigUint64Array(bytes.slice(0, bytes.length & ~7).buffer);
  let at = 0;
  const put = (role: string): void => void roles.set(start + BigInt(8 * at++), role);
  put('argc');
  for (const name of ['argv', 'envp']) {
    for (let i = 0; at < words.length && words[at] !== 0n; i++) put(`${name}[${i}]`);
    put(`end of ${name}`);
  }
  while (at + 1 < words.length) {
    const type = words[at];
    const name = AUXV_NAMES.get(type) ?? `auxv ${type}`;
    put(name);
    put('value');
    if (type === 0n) break;
  }
  return roles;
}
