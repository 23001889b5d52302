/**
 * One debugger command is one record: its words, its parameters, its help and what it does. It returns data; text.ts and
 * other views make something visible of it. Names are gdb's where gdb has the command.
 */
import type { Output } from './output.ts';
import type { Session } from './session.ts';

/** How the words behind a command's name are taken apart, and what may be completed there. */
export interface Params<P> {
  /** Throws UsageError. */
  parse(text: string, session: Session): P;
  readonly completes: CompletionKind;
}

export type CompletionKind = 'nothing' | 'expression' | 'location' | 'register' | 'command' | readonly string[];

export const GROUPS = {
  running: 'Running, forwards and backwards',
  stops: 'Where to stop',
  data: 'Registers, memory, expressions',
  code: 'Code and stack',
  machine: 'Processes, page tables, frames',
  history: 'The run as a whole',
  session: 'The session',
} as const;
export type Group = keyof typeof GROUPS;

export interface Command<P = unknown> {
  /** `stepi`, `info registers`: words after the first make it a subcommand. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: Group;
  readonly params: Params<P>;
  /** What stands behind the name, as in `[N]`. */
  readonly usage?: string;
  /** Whole sentences; the first one alone is its line in the list. */
  readonly help: string;
  /** Not in the list of commands. */
  readonly isHidden?: boolean;
  /** An empty line does it again: 'same', with its words; 'bare', without them, so that it goes on. */
  readonly repeats?: 'same' | 'bare';
  run(session: Session, params: P): readonly Output[] | Promise<readonly Output[]>;
}

/** A command whose parameters' types are inferred. */
export const command = <P>(record: Command<P>): Command => record as unknown as Command;
