/**
 * The same commands to a real gdb on the native program and to ours on the machine: the same answers, but for numbers of
 * processes, arguments of functions and syntax of instructions.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compileC } from '../../asm/compile.ts';
import { answer } from '../../src/debug/commands/script.ts';
import { openSession } from '../debug/commands/open.ts';
import { askGdb, FIRST, readCommands, transcript } from '../debug/native/record.ts';

const NATIVE = join(import.meta.dirname, '../debug/native');
const dir = mkdtempSync(join(tmpdir(), 'pml4-debugger-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** What must differ, made the same. */
const normal = (text: string): string =>
  text
    .replace(/^(?:Starting program|Hello, debugger|Value returned is|\[Inferior 1 \(process).*\n/gm, '')
    .replaceAll(/ \([^()]*\) at /g, ' () at ')
    .replaceAll(/ (in section \S+) of .*$/gm, ' $1')
    .replaceAll('after[loop]', 'after.loop')
    .replaceAll(/process \d+/g, 'process N')
    .replaceAll(/^(=>| {2}) +0x.*:\t.*$/gm, '')
    .trim();

async function compare(program: string, name: string, first: readonly string[], commands: readonly string[]) {
  const theirs = askGdb(program, first, commands).map(normal);
  const session = await openSession(name);
  for (const command of first) await answer(session, command);
  const ours: string[] = [];
  for (const command of commands) ours.push(normal((await answer(session, command)).text));
  const pair = (answers: readonly string[]) => commands.map((command, i) => `(gdb) ${command}\n${answers[i]}`);
  expect(pair(ours)).toEqual(pair(theirs));
}

const commandsOf = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim());

test('expressions and formats: what gdb answered when it was recorded, it answers here, too', () => {
  const commands = readCommands('expressions.txt');
  const golden = readFileSync(join(NATIVE, 'expressions.golden'), 'utf8');
  expect(transcript(commands, askGdb(join(NATIVE, 'state'), FIRST, commands))).toBe(golden);
});

test('breakpoints, steps, watchpoints, places, on a program in assembly', async () => {
  await compare(
    join(NATIVE, 'state'),
    'native/state',
    [],
    commandsOf(`
      info breakpoints
      break here
      tbreak after
      break state.asm:57
      break *0x4010de if $rax == 5
      break nosuch
      break state.asm:999
      break 58
      info breakpoints
      run
      info breakpoints
      list
      list
      list -
      list twice
      list 10,12
      info line twice
      info line 58
      info line *0x4010a1
      info symbol 5
      info registers rip
      info registers rax rbx
      info registers eflags
      info registers xmm0
      info registers st0
      info registers eax
      info registers nosuch
      info registers $rip
      info display
      si
      si 2
      frame
      finish
      stepi
      nexti
      ni
      s
      next
      watch counter
      watch *(long*)&counter
      watch -l *(long*)&counter
      rwatch *(int*)&numbers
      awatch *(int*)&numbers
      info watchpoints
      continue
      continue
      delete 99
      delete 3
      disable 4
      enable 4
      ignore 4 2
      condition 4 $rax == 7
      condition 4
      condition 99 1
      condition 4 5 +
      tbreak nosuch
      until
      until exit
      advance exit
      info breakpoints
      display $rax
      display/x $rax
      si
      undisplay 1
      info display
      undisplay 77
      disassemble 0x5
      catch syscall write
      catch syscall
      catch syscall nosuch
      catch fork
      catch vfork
      catch exec
      catch signal SIGUSR1
      catch foo
      nosuchcommand
      info nosuch
      set follow-fork-mode bla
      set nosuch
      step x
      p $bpnum
      delete
      info breakpoints
    `),
  );
});

test('registers and memory that are set', async () => {
  await compare(
    join(NATIVE, 'state'),
    'native/state',
    ['break here', 'run'],
    commandsOf(`
      p $rax = 7
      p $al = 1
      p $rax
      p $ah = 2
      p/x $rax
      p $eax = -1
      p $rax
      p $r8w = 5
      p/x $r8
      p *(int*)&numbers = 77
      x/2dw &numbers
      set var *(char*)&text = 'J'
      x/s &text
      set var *(double*)&doubles = 2.5
      p *(double*)&doubles
      p *(int*)&numbers += 3
      p ((int*)&numbers)[1]++
      x/2dw &numbers
      set $eflags = 0x203
      p $eflags
      set var $rip = after
      si
      p $rdx = $rdx * 2
      p $sp = $sp - 8
      p *(int*)0 = 5
      p $nosuch = 5
      p 5 = 5
    `),
  );
});

test('a program without line tables', async () => {
  const program = join(dir, 'bare');
  execFileSync('strip', ['-g', join(NATIVE, 'state'), '-o', program]);
  await compare(
    program,
    program,
    [],
    commandsOf(`
      break here
      info breakpoints
      run
      info breakpoints
      si
      si
      finish
      next
      info line
      list
      info line here
      info symbol $pc
      break nosuch.c:3
      break 5
      tbreak exit
      until
      continue
      x/2xw &numbers
      x/s &text
      x/2dw (char*)&numbers+4
      p &numbers
      p numbers
      p here
      p $pc
      x/a $sp
      info registers rip
      step
    `),
  );
});

describe('steps by line in C', () => {
  const program = join(dir, 'steps');
  const sequences: [string, string][] = [
    ['step', 'break main\nrun\nbt\n' + 'step\n'.repeat(24) + 'bt'],
    ['next', 'break main\nrun\n' + 'next\n'.repeat(14)],
    [
      'finish',
      'break square\nrun\nbt\nup\n'.replace('up\n', '') +
        'continue\nbt\ncontinue\nbt\ndelete\nbreak sum\ncontinue\ncontinue\nbt\ncontinue\nbt',
    ],
    [
      'up',
      'break sum\nrun\ncontinue\ncontinue\nup\np $pc\nlist\nup 1\nup\nup\ndown 5\ndown\nup\nframe\nfinish\nframe\nbt',
    ],
    ['until', 'break main\nrun\nnext\nnext\nnext\nuntil\nuntil\nuntil\nuntil\nuntil'],
    [
      'watch',
      'break main\nrun\nwatch *(int*)&numbers\nwatch *(int*)&total\ncontinue\ncontinue\ncontinue\ninfo watchpoints',
    ],
    ['stepi', 'break main\nrun\n' + 'stepi\n'.repeat(30)],
    [
      'places',
      'break steps.c:14\nbreak steps.c:3\nbreak square\nbreak 24\ninfo line main\ninfo line square\ninfo line 22\nlist main\nlist square\nrun\nlist\ninfo symbol main\nadvance sum\nadvance 26',
    ],
  ];
  compileC('musl-gcc', ['-g', '-O0', '-static', '-no-pie', '-fcf-protection=none'], join(NATIVE, 'steps.c'), program);
  test.each(sequences)('%s', async (_, commands) => {
    await compare(program, program, [], commandsOf(commands));
  });
});
