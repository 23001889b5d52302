/**
 * Lines of commands, one after the other, and the text that they make: scripts, piped input, teaching material. Each line
 * is shown with the prompt before what it answers, so that the text reads like a session.
 */
import { UsageError } from '../../base/invariant.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import { describeOutputs } from './text.ts';

export const PROMPT = '(pml4) ';
/** Of lines that belong to a breakpoint. */
export const BLOCK_PROMPT = '>';

export interface ScriptOptions {
  /** The script ends at the first line that fails. */
  readonly stopsAtErrors: boolean;
  /** An empty line repeats the last command, as at a prompt; else it does nothing. */
  readonly repeats: boolean;
}

/** The line that has ended a script: its number, from 1, and what was wrong. */
export interface ScriptError {
  readonly line: number;
  readonly message: string;
}

/** `write` gets the text as it comes. Undefined: the script has come to its end, or to `quit`. */
export async function runScript(
  session: Session,
  lines: AsyncIterable<string> | Iterable<string>,
  options: ScriptOptions,
  write: (text: string) => void,
): Promise<ScriptError | undefined> {
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '' && !options.repeats) continue;
    write(`${session.isInBlock ? BLOCK_PROMPT : PROMPT}${line.trim()}\n`);
    const result = await answer(session, line);
    write(result.text);
    if (result.isQuit) return undefined;
    if (result.error !== undefined && options.stopsAtErrors) return { line: number, message: result.error };
  }
  return undefined;
}

export interface Answer {
  readonly outputs: readonly Output[];
  readonly text: string;
  /** What was wrong with the line; the last line of the text, too. */
  readonly error: string | undefined;
  readonly isQuit: boolean;
}

/** One line and its text. Mistakes of the user are text; bugs of ours are thrown. */
export async function answer(session: Session, line: string): Promise<Answer> {
  try {
    const outputs = await session.execute(line);
    const isQuit = outputs.some(({ kind }) => kind === 'quit');
    return { outputs, text: ended(describeOutputs(outputs)), error: undefined, isQuit };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const text = `${session
      .takeWarnings()
      .map((warning) => `${warning}\n`)
      .join('')}${error.message}\n`;
    return { outputs: [], text, error: error.message, isQuit: false };
  }
}

/** What the program has printed may end in the middle of a line. */
const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
