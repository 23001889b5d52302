/** The line discipline does what Linux did: recorded steps, see line-cases.ts. */
import { describe, expect, test } from 'vitest';
import { INITIAL_TERMIOS } from '../../../src/abi/termios.ts';
import { LineDiscipline } from '../../../src/kernel/tty/line-discipline.ts';
import { type LineResult, readCases } from './line-cases.ts';

const EAGAIN = -11;
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A terminal as record.c has it: nobody waits, nobody gets a signal. */
class Recorder {
  line: LineDiscipline;
  shown: number[] = [];

  constructor() {
    this.line = this._make();
  }

  private _make(): LineDiscipline {
    return new LineDiscipline(INITIAL_TERMIOS, {
      signal: () => {},
      flow: () => {},
      // What the other end has not taken yet goes, too.
      flushed: () => {
        this.shown.length = 0;
      },
      readable: () => {},
      send: (bytes) => void this.shown.push(...bytes),
    });
  }

  do(step: string): LineResult {
    let read = new Uint8Array(0);
    const result = this._result(step, (bytes) => {
      read = bytes;
    });
    const shown = Uint8Array.from(this.shown.splice(0));
    return [result, this.line.count(), hexOf(read), hexOf(shown)];
  }

  private _result(step: string, gave: (bytes: Uint8Array<ArrayBuffer>) => void): number {
    const { line } = this;
    const [kind, ...words] = step.split(' ');
    switch (kind) {
      case 'n':
        this.line = this._make();
        return 0;
      case 't': {
        const [iflag, oflag, lflag] = words.map(Number);
        line.setTermios({ ...line.termios, iflag, oflag, lflag, cc: bytesOf(words[3]) });
        return 0;
      }
      case 'm':
        line.receive(bytesOf(words[0]));
        return bytesOf(words[0]).length;
      case 'w':
        if (line.output.isStopped) return EAGAIN;
        line.output.write(bytesOf(words[0]));
        return bytesOf(words[0]).length;
      case 'r': {
        if (!line.isReadable(false)) return EAGAIN;
        const bytes = line.take(Number(words[0]));
        gave(Uint8Array.from(bytes));
        return bytes.length;
      }
      case 'c':
        line.setFlow(words[0] === '0');
        return 0;
      case 'f':
        line.flushAll();
        return 0;
      default:
        throw new Error(step);
    }
  }
}

describe('line discipline', () => {
  test.each(readCases().map(({ steps, results }, i) => ({ i, steps, results })))('case $i', ({ steps, results }) => {
    const recorder = new Recorder();
    const done = steps.map((step) => [step, ...recorder.do(step)]);
    expect(done).toEqual(steps.map((step, i) => [step, ...results[i]]));
  });
});
