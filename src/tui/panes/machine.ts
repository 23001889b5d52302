/** The header with every thread, the walks, the timeline and the program's output. */
import { drawWalks } from '../../debug/commands/text-frames.ts';
import { describeStatus } from '../../debug/commands/text-tables.ts';
import { type Line, line, printable, type Span } from '../text.ts';
import type { View } from '../view.ts';

/** `pid 100 parent: waits in wait4 | >pid 101 child: running        #1,204,817 e8`; the selected one has a `>`. */
export function headerLine(view: View, width: number, status: string): Line {
  const right = ` ${status} #${view.instruction.toLocaleString('en')} e${view.event} `;
  const spans: Span[] = [];
  let used = right.length;
  for (const [i, { tid, pid, comm, status: state }] of view.tasks.entries()) {
    const isCurrent = tid === view.currentTid;
    const number = tid === pid ? `pid ${pid}` : `tid ${tid}`;
    const text = `${isCurrent ? '>' : ' '}${number} ${comm}: ${describeStatus(state)} `;
    if (used + text.length + 2 > width) {
      spans.push({ text: `+${view.tasks.length - i}`, inverse: true });
      used += 3;
      break;
    }
    if (i > 0) spans.push({ text: '|', inverse: true });
    spans.push({ text, inverse: true, bold: isCurrent });
    used += text.length + (i > 0 ? 1 : 0);
  }
  if (view.tasks.length === 0) spans.push({ text: ' every process has ended ', inverse: true });
  const gap = width - spans.reduce((sum, { text }) => sum + text.length, 0) - right.length;
  return [...spans, { text: ' '.repeat(Math.max(0, gap)), inverse: true }, { text: right, inverse: true, bold: true }];
}

/** Entries that have changed since the last stop have a `*`. */
export function walkPane({ walks }: View, before: View | undefined, width: number): Line[] {
  if (walks.length === 0) return [line('no process has page tables any more', { dim: true })];
  return drawWalks(walks, width, before?.walks).map((text) =>
    line(text, text.includes('frame ') ? { bold: true } : {}),
  );
}

/** The lines, and the last event that has been told: the pane is scrolled to it. */
export function timelinePane({ timeline }: View): { lines: Line[]; current: number } {
  if (timeline.length === 0) return { lines: [line('no events yet', { dim: true })], current: 0 };
  const current = timeline.findLastIndex(({ isPast }) => isPast);
  const lines = timeline.map(({ number, instruction, pid, text, isPast }, i): Line => {
    const mark = i === current ? '>' : ' ';
    const what = `${mark}${String(number).padStart(4)} #${instruction.toLocaleString('en')} ${pid} ${printable(text)}`;
    return line(what, isPast ? {} : { dim: true });
  });
  return { lines, current: Math.max(0, current) };
}

export function outputPane({ output }: View): Line[] {
  if (output === '') return [line('the program has printed nothing yet', { dim: true })];
  return output
    .replace(/\n$/, '')
    .split('\n')
    .map((text) => line(printable(text)));
}
