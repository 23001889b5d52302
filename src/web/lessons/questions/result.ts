/** What the next system call returns. */
import { choose, processName, type QuestionKind } from './question.ts';

const RESULT = / = (-?\w[^=]*)$/;
const WRONG = [
  '0',
  '-1 EINVAL (Invalid argument)',
  '-1 ENOMEM (Cannot allocate memory)',
  '-1 EACCES (Permission denied)',
];

export const result: QuestionKind = {
  make(asked) {
    const { later, pid, random } = asked;
    const event = later.events.find(({ pid: who, detail }) => who === pid && detail.kind === 'return');
    if (event?.detail.kind !== 'return' || event.detail.result === undefined) return undefined;
    const right = RESULT.exec(event.text)?.[1];
    if (right === undefined) return undefined;
    const begun = later.events.find(({ pid: who, detail }) => who === pid && detail.kind === 'syscall')?.text;
    const call = begun === undefined ? event.detail.name : `${begun}${begun.endsWith(', ') ? '…' : ''})`;
    // Of what has been counted, twice as much would be wrong, too.
    const more = event.detail.result > 0n && !right.startsWith('0x') ? [String(event.detail.result * 2n)] : [];
    const chosen = choose(random, right, [...more, ...random.shuffle(WRONG.slice(2)), ...WRONG.slice(0, 2)]);
    if (chosen === undefined) return undefined;
    const name = processName(asked, pid);
    return {
      ...chosen,
      text: `What does \`${call}\` return in ${name}?`,
      truth: `The kernel's answer: ${event.text}`,
      look: { panel: 'calls', pid },
    };
  },
};
