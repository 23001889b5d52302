/** Words for prose: text with marked code, numbers with their nouns, and what the processes of a run are called. */
import { hex } from '../../base/ints.ts';
import type { StoryProcess } from './story.ts';

/** Something as it stands in the program or the machine: an address, an instruction, a call. */
export class Code {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A sentence: plain text and code in turn. */
export type Prose = readonly (string | Code)[];

export const code = (text: string): Code => new Code(text);
/** Of an address as the machine has it. */
export const address = (value: bigint): Code => code(hex(value));
/** Physical addresses have eight digits in every view. */
export const frame = (pfn: number): Code => code(hex(pfn * 4096, 8));

/** The first bytes of what a frame shows: `BE BA FE CA EF BE AD DE`. */
export const bytesText = (bytes: readonly number[]): Code =>
  code(
    bytes
      .slice(0, 8)
      .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
      .join(' '),
  );

type Part = string | number | Code | Prose;

export function prose(texts: TemplateStringsArray, ...parts: Part[]): Prose {
  return texts.flatMap((text, i) => {
    const part = parts[i];
    const after =
      part === undefined ? [] : Array.isArray(part) ? part : [typeof part === 'number' ? count(part) : part];
    return [text, ...after].filter((piece) => piece !== '');
  });
}

export const plainText = (sentence: Prose): string =>
  sentence.map((part) => (typeof part === 'string' ? part : part.text)).join('');

/** `12,345`. */
export const count = (n: number): string => n.toLocaleString('en');
/** `1 page`, `2 pages`, `2 entries`. */
export const plural = (n: number, noun: string, many = `${noun}s`): string => `${count(n)} ${n === 1 ? noun : many}`;

/** `a`, `a and b`, `a, b and c`. */
export function list(parts: readonly Part[]): Prose {
  return parts.flatMap((part, i) => {
    const before = i === 0 ? [] : [i === parts.length - 1 ? ' and ' : ', '];
    return [...before, ...(Array.isArray(part) ? part : [typeof part === 'number' ? count(part) : part])];
  });
}

/** The sentence, with a capital at its start. */
export function capital(sentence: Prose): Prose {
  const [first, ...rest] = sentence;
  return typeof first === 'string' ? [first.charAt(0).toUpperCase() + first.slice(1), ...rest] : sentence;
}

export type SourceLine = (path: string, line: number) => string | undefined;

/** What the processes and threads of a run are called, and what their sources say. */
export class Cast {
  private readonly _processes: ReadonlyMap<number, StoryProcess>;
  private readonly _isPair: boolean;

  /** A line of a source file, for who has it. */
  readonly sourceLine: SourceLine;

  constructor(processes: readonly StoryProcess[], sourceLine: SourceLine = () => undefined) {
    this.sourceLine = sourceLine;
    this._processes = new Map(processes.map((process) => [process.pid, process]));
    this._isPair = processes.length === 2 && processes.every(({ pid, process }) => pid === process);
  }

  /** `the program`, `the parent`, `process 102`, `thread 101`. */
  name(pid: number): string {
    if (this._processes.size <= 1) return 'the program';
    const known = this._processes.get(pid);
    if (this._isPair && known !== undefined) return known.parent === undefined ? 'the parent' : 'the child';
    return this._isThread(pid) ? `thread ${pid}` : `process ${pid}`;
  }

  names(pids: readonly number[]): Prose {
    return pids.length > 4 ? [plural(pids.length, 'process', 'processes')] : list(pids.map((pid) => this.name(pid)));
  }

  /** Where several threads are in its process. */
  private _isThread(pid: number): boolean {
    const { process } = this._processes.get(pid) ?? { process: pid };
    return [...this._processes.values()].some((other) => other.process === process && other.pid !== process);
  }
}
