/** Source, where there is one, with the address of the current instruction; else the disassembly around it. */
import { describeInstruction } from '../../debug/commands/text.ts';
import { type Line, line, printable } from '../text.ts';
import type { View } from '../view.ts';

export type CodeMode = 'source' | 'disassembly';

/** What is shown if nobody has chosen: the source, if it is at hand. */
export const codeMode = (view: View, wish: CodeMode | undefined): CodeMode =>
  (wish ?? 'source') === 'source' && view.source !== undefined ? 'source' : 'disassembly';

/** The lines, and which of them is the current one: the pane is scrolled to it. */
export function codePane(view: View, mode: CodeMode): { lines: Line[]; current: number } {
  return mode === 'source' ? sourceLines(view) : codeLines(view);
}

function sourceLines({ source, place, breakLines, otherLines }: View): { lines: Line[]; current: number } {
  const here = place!.source!;
  const width = String(source!.length).length;
  const lines = source!.map((text, i): Line => {
    const number = i + 1;
    const isCurrent = number === here.line;
    const mark = isCurrent ? '>' : otherLines.has(`${here.path}:${number}`) ? 'o' : ' ';
    const stop = breakLines.has(`${here.path}:${number}`) ? '*' : ' ';
    return [
      { text: `${mark}${stop}${String(number).padStart(width)} `, bold: isCurrent },
      { text: printable(text), bold: isCurrent },
    ];
  });
  return { lines, current: here.line - 1 };
}

function codeLines({ code, place, breakAddresses, otherAddresses }: View): { lines: Line[]; current: number } {
  if (code.length === 0) return { lines: [line('no code: the thread has ended', { dim: true })], current: 0 };
  const lines: Line[] = [];
  let current = 0;
  let last: string | undefined;
  for (const insn of code) {
    const name = insn.symbol?.symbol.name;
    if (name !== last && name !== undefined)
      lines.push([{ text: `<${name}${insn.symbol!.offset === 0 ? '' : `+${insn.symbol!.offset}`}>:`, dim: true }]);
    last = name;
    const isCurrent = insn.address === place?.address;
    if (isCurrent) current = lines.length;
    const stop = breakAddresses.has(insn.address) ? '*' : ' ';
    lines.push([
      {
        text: `${isCurrent ? '>' : otherAddresses.has(insn.address) ? 'o' : ' '}${stop}${insn.address.toString(16).padStart(8)}  `,
        bold: isCurrent,
      },
      { text: printable(describeInstruction(insn)), bold: isCurrent },
    ]);
  }
  return { lines, current };
}
