/** Which frame an address reaches in a process: one that is known, a new one, or none. */
import { hex } from '../../../base/ints.ts';
import { walksOf } from '../words.ts';
import { type Asked, choose, frameName, processName, type QuestionKind, walkIn } from './question.ts';

const NEW = 'a frame that nobody has now';
const NONE = 'none: its entry is empty';

export const frame: QuestionKind = {
  make(asked) {
    const { now, later, pid, address, when, random } = asked;
    if (address === undefined || later.view.processes.find((one) => one.pid === pid)?.space === undefined)
      return undefined;
    const walks = walksOf(now);
    const nameOf = (pfn: number): string => {
      const whose = walks.filter((walk) => walk.pfn === pfn).map((walk) => walk.pid);
      return `${frameName(pfn)}${whose.length > 0 ? `, where it is now in ${whose.slice(0, 3).join(' and ')}` : ''}`;
    };
    const pfn = walkIn(later.view, pid)?.pfn;
    const isKnown = now.frames.some((one) => one.pfn === pfn);
    const right = pfn === undefined ? NONE : isKnown ? nameOf(pfn) : NEW;
    // A frame that holds something else: a wrong answer, unless it is the right one.
    const others = random.shuffle(now.frames.map((one) => one.pfn).filter((one) => walks.every((walk) => walk.pfn !== one))); // biome-ignore format: one line
    const wrong = [...new Set(walks.map((walk) => nameOf(walk.pfn))), NEW, NONE, ...others.slice(0, 1).map(nameOf)];
    const chosen = choose(random, right, wrong);
    if (chosen === undefined) return undefined;
    return {
      ...chosen,
      text: `Which frame does ${hex(address)} reach in ${processName(asked, pid)} ${when}?`,
      truth: truth(asked, pfn),
      look: { panel: 'picture', address, pid },
    };
  },
};

function truth(asked: Asked, pfn: number | undefined): string {
  const { later, pid, address } = asked;
  const name = processName(asked, pid);
  if (pfn === undefined) return `In ${name} no walk of ${hex(address!)} ends in a frame: an entry on its way is empty.`;
  const walks = walksOf(later.view).filter((walk) => walk.pfn === pfn && walk.pid !== pid);
  const shared = walks.length === 0 ? 'no other process reaches it by this address' : `${walks.map((walk) => walk.pid).join(', ')} ${walks.length === 1 ? 'reaches' : 'reach'} the same`; // biome-ignore format: one line
  return `In ${name} the walk of ${hex(address!)} ends in ${frameName(pfn)}; ${shared}. The picture's arrows show it.`;
}
