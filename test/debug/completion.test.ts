/** What Tab offers: commands, words of a command, symbols, registers, files and their lines. */
import { beforeAll, expect, test } from 'vitest';
import { commonPrefix, complete } from '../../src/debug/commands/completion.ts';
import type { Session } from '../../src/debug/commands/session.ts';
import { openSession } from './commands/open.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession('native/state');
  await session.execute('set $mine = 1');
});

test.each<[string, string, readonly string[]]>([
  ['reverse-st', '', ['reverse-step', 'reverse-stepi']],
  ['info reg', 'info ', ['registers']],
  ['inf proc ma', 'inf proc ', ['mappings']],
  ['i s', 'i ', ['s', 'sharedlibrary', 'signals', 'stack', 'symbol']],
  ['set foll', 'set ', ['follow-fork-mode']],
  ['set follow-fork-mode ', 'set follow-fork-mode ', ['both', 'child', 'parent']],
  ['catch sy', 'catch ', ['syscall']],
  ['break tw', 'break ', ['twice']],
  ['b after', 'b ', ['after', 'after.loop']],
  ['break sta', 'break ', ['stack', 'stack_top', 'state.asm:']],
  ['break state.asm:7', 'break ', ['state.asm:70', 'state.asm:73', 'state.asm:74']],
  ['break nosuch.c:', 'break nosuch.c:', []],
  ['print $ri', 'print ', ['$rip']],
  ['p/x 1 + $mi', 'p/x 1 + ', ['$mine']],
  ['x/4xw &num', 'x/4xw &', ['numbers']],
  ['info registers xmm1', 'info registers ', ['xmm1', 'xmm10', 'xmm11', 'xmm12', 'xmm13', 'xmm14', 'xmm15']],
  ['help who', 'help ', ['who-wrote']],
  ['info threads x', 'info threads x', []],
  ['nosuch ', 'nosuch ', []],
  ['', '', expect.arrayContaining(['break', 'info', 'x'])],
])('%j', (line, kept, candidates) => {
  const found = complete(line, session);
  expect(found.candidates).toEqual(candidates);
  if (candidates.length > 0) expect(line.slice(0, found.start)).toBe(kept);
});

test('what all candidates have in common', () => {
  expect(commonPrefix(['reverse-step', 'reverse-stepi'])).toBe('reverse-step');
  expect(commonPrefix(['a', 'b'])).toBe('');
  expect(commonPrefix([])).toBe('');
});
