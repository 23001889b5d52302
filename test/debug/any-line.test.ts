/** Whatever is typed, the debugger answers with text: only bugs of ours are thrown, and none is found here. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { complete } from '../../src/debug/commands/completion.ts';
import { COMMANDS } from '../../src/debug/commands/index.ts';
import { answer } from '../../src/debug/commands/script.ts';
import { openSession } from './commands/open.ts';

const WORDS = [
  '$rip', '$rax', '$xmm0', '$eflags', '$_', '$__', '$1', '$', '$$2', '$x', '$nosuch', '0', '1', '-1', '5', '0x402000', '0x7fffffffe000',
  '4096', '99999999999999999999', '1.5', "'a'", '"ab"', 'here', 'numbers', '&numbers', '&text', '_start', 'nosuch', 'twice+1',
  '(', ')', '[', ']', '{', '}', '*', '&', '+', '-', '/', '%', '<<', '>>', '==', '!=', '<', '&&', '||', '!', '~', '?', ':', ',', '=', '@',
  '.', '++', '--', 'int', 'char', 'long', 'unsigned', 'double', '(char)', '(char*)', '(long[3])', '{int}', '(double)', 'sizeof',
  '/x', '/4xw', '/i', '/3i', '/s', '/-2xw', '/c', '/f', '/t', '/q', '/999999999x', 'if', 'thread', '100', 'frame', 'state.asm:48', ':', '*0x40109b',
  'write', 'SIGUSR1', 'copy-on-write', 'event', 'bookmark', 'list', 'off', 'both', 'rip', 'xmm1', '\\n', '#', '\t', 'é', '\0', '\x1b',
]; // biome-ignore format: a list
const NAMES = COMMANDS.all
  .flatMap(({ name, aliases = [] }) => [name, ...aliases])
  .filter((name) => !/^(?:quit|q|exit)$/.test(name));

const line = fc
  .tuple(
    fc.constantFrom(...NAMES, ''),
    fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...WORDS) }, fc.string()), { maxLength: 7 }),
    fc.constantFrom('', ' '),
  )
  .map(([name, words, between]) => `${name} ${words.join(between)}`);

test('any lines, one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 25 }), async (lines) => {
      const session = await openSession('native/state', '');
      await session.execute('break here');
      await session.execute('run');
      for (const one of lines) {
        const { text } = await answer(session, one);
        expect(typeof text).toBe('string');
        const { start, candidates } = complete(one, session);
        expect(start).toBeLessThanOrEqual(one.length);
        for (const candidate of candidates) expect(typeof candidate).toBe('string');
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 60) },
  );
}, 120_000);
