/** Which bits the last entry of a walk has: what a fork, a fault or mprotect(2) makes of them. */
import { hex } from '../../../base/ints.ts';
import { describePteFlags, PTE_A, PTE_COW, PTE_D, PTE_NX, PTE_P, PTE_RW, PTE_US } from '../../../mem/pte.ts';
import { choose, processName, type QuestionKind, walkIn } from './question.ts';

const NOTHING = 'none: the entry is empty';
const USUAL = PTE_P | PTE_US | PTE_A | PTE_NX;

export const flags: QuestionKind = {
  make(asked) {
    const { now, later, pid, address, when, random } = asked;
    if (address === undefined) return undefined;
    const walk = walkIn(later.view, pid);
    if (walk === undefined) return undefined;
    const entry = walk.steps.at(3)?.entry ?? 0n;
    const was = walkIn(now, pid)?.steps.at(3)?.entry ?? 0n;
    const describe = (pte: bigint): string => (pte === 0n ? NOTHING : describePteFlags(pte));
    // What would be, had something else happened: nothing at all, a fork, a break, a write.
    const base = entry === 0n ? USUAL | PTE_RW : entry;
    const wrong = [was, base ^ PTE_RW ^ PTE_COW, base & ~(PTE_A | PTE_D), 0n, base ^ PTE_RW, base | PTE_RW | PTE_D];
    const chosen = choose(random, describe(entry), wrong.map(describe));
    if (chosen === undefined) return undefined;
    const name = processName(asked, pid);
    return {
      ...chosen,
      text: `Which bits does the entry of ${hex(address)} have in ${name} ${when}?`,
      truth: entry === 0n ? `In ${name} the entry is empty.` : `In ${name} the entry holds ${describePteFlags(entry)}: ${explain(entry)}.`, // biome-ignore format: one line
      look: { panel: 'picture', address, pid },
    };
  },
};

function explain(entry: bigint): string {
  const write =
    entry & PTE_RW ? 'stores go through' : entry & PTE_COW ? 'the next store faults, and is given a copy' : 'a store faults'; // biome-ignore format: one line
  const used = entry & PTE_D ? 'it has been written to (D)' : entry & PTE_A ? 'it has been used (A)' : 'nobody has used it in this process yet'; // biome-ignore format: one line
  return `${write}; ${used}`;
}
