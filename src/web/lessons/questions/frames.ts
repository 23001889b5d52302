/** How many frames hold one page of all processes: one while it is shared, more when copies have been made. */
import { hex } from '../../../base/ints.ts';
import { walksOf } from '../words.ts';
import { frameName, ordered, type QuestionKind } from './question.ts';

const WORDS = [
  'none',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
] as const;

export const frames: QuestionKind = {
  make({ now, later, address, when }) {
    if (address === undefined) return undefined;
    const pfns = new Set(walksOf(later.view).map(({ pfn }) => pfn));
    const users = Math.max(walksOf(now).length, walksOf(later.view).length, pfns.size, 2);
    if (users >= WORDS.length) return undefined;
    // Of many, those that somebody may think of: nobody, one for all, one each.
    const numbers = users <= 4 ? WORDS.map((_, n) => n).slice(0, users + 2) : [0, 1, 2, pfns.size, users];
    const options = [...new Set(numbers)].sort((x, y) => x - y).map((n) => WORDS[n]);
    const list = [...pfns].map(frameName).join(', ');
    return {
      ...ordered(options, WORDS[pfns.size]),
      text: `How many frames hold the page at ${hex(address)}, over all processes, ${when}?`,
      truth: pfns.size === 0 ? 'No process has a frame there.' : `${WORDS[pfns.size].replace(/^./, (letter) => letter.toUpperCase())}: ${list}. A frame is drawn once, however many arrows lead to it.`,
      look: { panel: 'picture', address },
    };
  },
}; // biome-ignore format: the truth's line
