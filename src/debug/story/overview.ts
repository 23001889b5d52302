/** The run at a glance: a lane for each process, a row for each chapter, who begins and ends where. */
import type { Story } from './story.ts';

export interface Lane {
  readonly pid: number;
  /** The rows in which it begins and ends; undefined: it has not ended. */
  readonly first: number;
  readonly last: number | undefined;
  /** The lane of the process that has made it. */
  readonly maker: number | undefined;
}

export interface Overview {
  readonly lanes: readonly Lane[];
  /** Of each chapter: the lane that it is about; undefined: one that has none here. */
  readonly rows: readonly (number | undefined)[];
  /** Processes without a lane. */
  readonly more: number;
}

const MOST_LANES = 6;

/** Undefined for a single process: there is nothing to be seen in one lane. */
export function overviewOf({ chapters, processes }: Story): Overview | undefined {
  const own = processes.filter(({ pid, process }) => pid === process);
  if (own.length < 2) return undefined;
  const shown = own.slice(0, MOST_LANES);
  const rowAt = (instructions: number): number =>
    Math.max(
      0,
      chapters.findLastIndex((chapter) => chapter.instructions <= instructions),
    );
  /** The chapter that says so, where there is one: several may begin at one instruction. */
  const rowOf = (kind: 'fork' | 'exit', pid: number, instructions: number): number => {
    const row = chapters.findIndex((one) => one.kind === kind && (kind === 'fork' ? one.child : one.pid) === pid);
    return row < 0 ? rowAt(instructions) : row;
  };
  const laneOf = (pid: number | undefined): number | undefined => {
    const process = processes.find((one) => one.pid === pid)?.process;
    const lane = shown.findIndex((one) => one.pid === process);
    return lane < 0 ? undefined : lane;
  };
  return {
    lanes: shown.map(({ pid, parent, born, ended }) => ({
      pid,
      first: parent === undefined ? 0 : rowOf('fork', pid, born),
      last: ended === undefined ? undefined : rowOf('exit', pid, ended),
      maker: laneOf(parent),
    })),
    rows: chapters.map(({ pid, kind }) => (kind === 'rest' ? undefined : laneOf(pid))),
    more: own.length - shown.length,
  };
}
