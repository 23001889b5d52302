/**
 * Outputs of commands -> plain text with gdb's lines where gdb has them. Used by scripts, the terminal view's command
 * line, DAP's evaluate and gdb's `monitor`. No colours, no width but the one given.
 */
import { hex } from '../../base/ints.ts';
import { unreachable } from '../../base/invariant.ts';
import type { MemoryRow } from '../expression/examine.ts';
import type { CodeLine } from '../inspect/disassembly.ts';
import type { DisplayRow, Output, RegisterRow } from './output.ts';
import { describeBreakpoints } from './text-breakpoints.ts';
import { describeFrame, describeWalks } from './text-frames.ts';
import { describeHead, describePlace } from './text-places.ts';
import {
  describeFiles,
  describeInferiors,
  describeMaps,
  describeThreads,
  describeTimeline,
  table,
} from './text-tables.ts';
import { describeX87 } from './text-x87.ts';

/** What the program has printed is text, too; what follows it begins on a line of its own. */
export function describeOutputs(outputs: readonly Output[]): string {
  return outputs.reduce((text, output) => {
    const isOpen = output.kind !== 'program' && text !== '' && !text.endsWith('\n') && !text.endsWith(', ');
    return text + (isOpen ? '\n' : '') + describeOutput(output);
  }, '');
}

export function describeOutput(output: Output): string {
  switch (output.kind) {
    case 'text':
      return `${output.text}\n`;
    case 'value':
      return `$${output.number} = ${output.text}\n`;
    case 'memory':
      return output.rows.map(describeRow).join('');
    case 'code':
      return describeCode(output);
    case 'registers':
      return output.rows.map(describeRegister).join('');
    case 'x87':
      return describeX87(output.state);
    case 'place':
      return describePlace(output.place, output.level, output.style);
    case 'stop':
      return (output.switched ? describeSwitch(output.switched) : '') + output.heads.map(describeHead).join('');
    case 'leaving':
      return `${output.title} ${describePlace(output.place, output.level, 'line')}`;
    case 'backtrace':
      return (
        output.frames.map((place, level) => describePlace(place, level, 'line')).join('') +
        (output.more ? '(More stack frames follow...)\n' : '')
      );
    case 'source':
      return output.lines.map(({ number, text }) => `${number}\t${text}\n`).join('');
    case 'breakpoints':
      return describeBreakpoints(output.rows, output.only);
    case 'displays':
      return describeDisplays(output.rows);
    case 'display':
      return output.isBlock ? `${describeDisplay(output.row)}\n` : `${describeDisplay(output.row)} = ${output.text}\n`;
    case 'threads':
      return describeThreads(output.threads);
    case 'inferiors':
      return describeInferiors(output.processes, output.current);
    case 'timeline':
      return describeTimeline(output.events, output.now);
    case 'maps':
      return describeMaps(output.pid, output.areas);
    case 'files':
      return describeFiles(output.pid, output.files);
    case 'walk':
      return describeWalks(output.walks);
    case 'frame':
      return describeFrame(output.frame);
    case 'table':
      return table(output.head, output.rows);
    case 'program':
      return new TextDecoder().decode(output.bytes);
    case 'quit':
      return '';
    default:
      unreachable(output);
  }
}

function describeSwitch({ pid, tid, comm }: Extract<Output, { kind: 'stop' }>['switched'] & object): string {
  return `[Switching to ${describeTask(pid, tid)} "${comm}"]\n`;
}

/** `process 100`; of a thread that is not the first also its own number. */
export const describeTask = (pid: number, tid: number): string =>
  pid === tid ? `process ${pid}` : `process ${pid}, thread ${tid}`;

function describeRow({ address, symbol, cells, error }: MemoryRow): string {
  const head = `${hex(address)}${symbol === '' ? '' : ` ${symbol}`}:`;
  return `${head}${cells.map((cell) => `\t${cell}`).join('')}${error === undefined ? '' : `\t${error}`}\n`;
}

function describeCode({ title, lines, current, hasBytes, style, error }: Extract<Output, { kind: 'code' }>): string {
  const body = lines.map((line) => {
    const mark = line.address === current ? '=> ' : '   ';
    const address = style === 'x' ? hex(line.address) : hex(line.address, 16);
    const bytes = hasBytes ? `${bytesText(line.bytes).padEnd(19)}\t` : '';
    return `${mark}${address}${describeLabel(line, style)}:\t${bytes}${describeInstruction(line)}\n`;
  });
  const text = body.join('') + (error === undefined ? '' : `   ${error}\n`);
  return title === undefined ? text : `${title}\n${text}End of assembler dump.\n`;
}

function describeLabel({ symbol }: CodeLine, style: 'x' | 'function' | 'range'): string {
  if (symbol === undefined) return '';
  const { name } = symbol.symbol;
  if (style === 'function') return ` <+${symbol.offset}>`;
  return style === 'x' && symbol.offset === 0 ? ` <${name}>` : ` <${name}+${symbol.offset}>`;
}

/** The text, and where an address in it leads if that has a name. */
export function describeInstruction({ text, target, kind }: CodeLine): string {
  const note = kind === 'above the level' || kind === 'privileged' ? `  ; ${kind}` : '';
  if (target?.symbol === undefined) return text + note;
  const { symbol, offset } = target.symbol;
  return `${text}  <${symbol.name}${offset === 0 ? '' : `+${offset}`}>${note}`;
}

const bytesText = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

const describeRegister = ({ name, raw, natural }: RegisterRow): string =>
  `${name.padEnd(14)} ${natural === '' ? raw : raw.padEnd(19)} ${natural}`.trimEnd() + '\n';

function describeDisplay({ number, format, expression }: DisplayRow): string {
  const isMemory = /[is]|\d|[bhwg]/.test(format);
  if (isMemory) return `${number}: x/${format} ${expression}`;
  return `${number}: ${format === '' ? '' : `/${format} `}${expression}`;
}

function describeDisplays(rows: readonly DisplayRow[]): string {
  const lines = rows.map(
    ({ number, enabled, format, expression }) =>
      `${number}:   ${enabled ? 'y' : 'n'}  ${format === '' ? '' : `/${format} `}${expression}\n`,
  );
  return `Auto-display expressions now in effect:\nNum Enb Expression\n${lines.join('')}`;
}
