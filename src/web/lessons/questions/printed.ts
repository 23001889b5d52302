/** What is printed next: the line that comes, among others with other numbers in it. */
import { choose, type QuestionKind } from './question.ts';

const NUMBER = /0x[0-9a-f]+|\d+/gi;

export const printed: QuestionKind = {
  make({ later, when, random, wrong }) {
    const text = later.writes.map(({ bytes }) => new TextDecoder('latin1').decode(bytes)).join('');
    const line = text.trimEnd().split('\n').at(-1)!;
    const number = line.match(NUMBER)?.at(-1);
    if (number === undefined) return undefined;
    const at = line.lastIndexOf(number);
    const changes = [(n: bigint) => n / 2n, (n: bigint) => n + 1n, () => 0n, (n: bigint) => n * 2n, () => 1n];
    const changed = changes.map(
      (change) => line.slice(0, at) + inThatForm(number, change(BigInt(number))) + line.slice(at + number.length),
    );
    const chosen = choose(random, line, wrong ?? changed);
    if (chosen === undefined) return undefined;
    return {
      ...chosen,
      text: `What is the last line printed ${when}?`,
      truth: `The program prints \`${line}\`.`,
      look: { panel: 'terminal' },
    };
  },
};

const inThatForm = (model: string, n: bigint): string =>
  model.startsWith('0x')
    ? `0x${n
        .toString(16)
        .toUpperCase()
        .padStart(model.length - 2, '0')}`
    : n.toString();
