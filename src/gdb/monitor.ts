/**
 * Lines of gdb's `monitor`: the debugger's own commands, for what gdb has no words for, such as walks through page tables.
 * gdb does not know when one of them moves the program or sets a breakpoint: those are left to gdb, and a way to another
 * moment is gone when gdb goes on next, which then hears where the program stands.
 */
import { UsageError } from '../base/invariant.ts';
import type { Command, Group } from '../debug/commands/define.ts';
import { COMMANDS, findCommand } from '../debug/commands/index.ts';
import { answer } from '../debug/commands/script.ts';
import { Session } from '../debug/commands/session.ts';
import type { Engine } from '../debug/engine.ts';
import { comparePositions } from '../debug/position.ts';

export interface MonitorAnswer {
  /** Ends with a line's end. */
  readonly text: string;
  /** To be called in the place of the next step or continuation: goes to another moment. */
  readonly detour?: () => Promise<void>;
}

const GROUPS_OF_GDB: ReadonlySet<Group> = new Set(['running', 'stops', 'session']);
const DETOURS: ReadonlySet<string> = new Set(['goto', 'event']);
/** What gdb has no words for, with a few that see more than it does. */
const GROUPS_SHOWN: ReadonlySet<Group> = new Set(['machine', 'history']);

/** Value history and bookmarks stay as long as the program. */
const SESSIONS = new WeakMap<Engine, Session>();

/** About the engine's selected thread. */
export async function monitor(engine: Engine, line: string): Promise<MonitorAnswer> {
  let session = SESSIONS.get(engine);
  if (session === undefined) SESSIONS.set(engine, (session = new Session(engine)));
  const words = line.trim();
  if (words === '' || words === 'help') return { text: overview() };
  const what = commandOf(words);
  if (what !== undefined && what.name !== 'help' && GROUPS_OF_GDB.has(what.group))
    return { text: `${what.name}: gdb would not know of it; use gdb's own command.\n` };
  if (what !== undefined && DETOURS.has(what.name))
    return {
      text: "gdb's next stepi or continue leads there.\n",
      detour: async () => void (await session.execute(words)),
    };
  const before = engine.position;
  const { text } = await answer(session, words);
  if (comparePositions(engine.position, before) !== 0) await engine.goto(before);
  return { text };
}

/** Undefined: there is none, or several; `answer` says so. */
function commandOf(line: string): Command | undefined {
  try {
    return findCommand(line).command;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function overview(): string {
  const rows = COMMANDS.all
    .filter(({ group }) => GROUPS_SHOWN.has(group))
    .map(({ name, usage = '', help }) => ({
      words: `monitor ${name} ${usage}`.trimEnd(),
      sentence: help.split(/(?<=\.)\s/, 1)[0],
    }));
  const width = Math.max(...rows.map(({ words }) => words.length));
  return rows.map(({ words, sentence }) => `${words.padEnd(width)}  ${sentence}\n`).join('');
}
