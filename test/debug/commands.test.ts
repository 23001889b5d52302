/**
 * Sessions of the debugger: each file of commands/ is one, with what it answers, and is run again here. What a real gdb
 * can answer, too, is compared with it in test/system/debugger.test.ts. `vitest -u` writes what is answered now.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/debug/commands/index.ts';
import { BLOCK_PROMPT, PROMPT, runScript } from '../../src/debug/commands/script.ts';
import { openSession } from './commands/open.ts';

const DIR = join(import.meta.dirname, 'commands');

/** What was typed: behind the prompt, or the one of lines that belong to a breakpoint. */
function typedIn(lines: readonly string[]): string[] {
  let isInBlock: boolean | undefined = false;
  return lines.flatMap((line, i) => {
    const prompt = isInBlock ? BLOCK_PROMPT : PROMPT;
    if (!line.startsWith(prompt)) return [];
    const typed = line.slice(prompt.length);
    isInBlock = isInBlock ? typed !== 'end' : lines[i + 1]?.startsWith(BLOCK_PROMPT) && /^commands\b/.test(typed);
    return [typed];
  });
}

test.each(globSync('*.session', { cwd: DIR }).sort())('%s', async (file) => {
  const path = join(DIR, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  const program = lines[0].slice(2);
  const commands = typedIn(lines);
  const session = await openSession(program);
  let text = `${lines[0]}\n`;
  await runScript(session, commands, { stopsAtErrors: false, repeats: true }, (piece) => {
    text += piece;
  });
  await expect(text).toMatchFileSnapshot(path);
});

test('every command is in one of them', () => {
  const lines = globSync('*.session', { cwd: DIR }).flatMap((file) =>
    typedIn(readFileSync(join(DIR, file), 'utf8').split('\n')),
  );
  const used = new Set(lines.map((line) => COMMANDS.tryFind(line)?.command.name));
  expect(COMMANDS.all.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
});
