/** What a process finds at an address: who shares a frame finds what others have stored. */
import { hex } from '../../../base/ints.ts';
import { valueAt } from '../words.ts';
import { choose, frameName, processName, type QuestionKind, walkIn } from './question.ts';

export const value: QuestionKind = {
  make(asked) {
    const { now, later, pid, address, when, random } = asked;
    if (address === undefined) return undefined;
    const found = valueAt(later.view, pid, address);
    if (found === undefined) return undefined;
    const all = [now, later.view].flatMap((view) =>
      view.processes.flatMap((process) => valueAt(view, process.pid, address) ?? []),
    );
    const wrong = [...all, 0n, found + 1n, swapped(found)].map((one) => hex(BigInt.asUintN(64, one), 16));
    const chosen = choose(random, hex(found, 16), wrong);
    const pfn = walkIn(later.view, pid)?.pfn;
    if (chosen === undefined || pfn === undefined) return undefined;
    const name = processName(asked, pid);
    return {
      ...chosen,
      text: `What does ${name} find at ${hex(address)} ${when}?`,
      truth: `${name[0].toUpperCase()}${name.slice(1)} finds ${hex(found, 16)}: that is what lies in ${frameName(pfn)}, where its walk ends.`,
      look: { panel: 'picture', address, pid },
    };
  },
};

/** The bytes the other way round: what who forgets about little-endian reads. */
function swapped(given: bigint): bigint {
  let swap = 0n;
  for (let i = 0n; i < 8n; i++) swap = (swap << 8n) | ((given >> (i * 8n)) & 0xffn);
  return swap;
}
