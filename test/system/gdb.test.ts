/**
 * A real gdb debugs a program behind `pml4 gdb`, and the same program natively: where both can do it, they print the same.
 */
import { describe, expect, test } from 'vitest';
import { fixturePath } from '../helpers/fixtures.ts';
import { comparable, nativeGdb, type RemoteOptions, type RemoteTranscript, remoteGdb } from './gdb-session.ts';

/** The text of both is the same, and so is what the program prints. */
async function expectSame(
  program: string,
  commands: readonly string[],
  options: RemoteOptions = {},
): Promise<RemoteTranscript> {
  const [native, remote] = [
    await nativeGdb(program, commands, options.args),
    await remoteGdb(program, commands, options),
  ];
  expect(comparable(remote.text)).toBe(comparable(native.text));
  expect(remote.output).toBe(native.output);
  return remote;
}

const GENERAL =
  'rax rbx rcx rdx rsi rdi rbp r8 r9 r10 r11 r12 r13 r14 r15 rip eflags cs ss ds es fs gs fs_base gs_base';

describe('the demo', () => {
  const demo = fixturePath('shm_demo');

  test('registers, code and memory, instruction by instruction', async () => {
    await expectSame(demo, [
      `info registers ${GENERAL}`,
      'x/6i $pc',
      'info symbol $pc',
      'stepi',
      'stepi 5',
      'x/i $pc',
      'nexti',
      `info registers ${GENERAL.replace('rax', '')}`,
      'x/s &msg_parent',
      'x/4gx &msg_child',
      'x/4gx 0x10',
      'p/x $eflags',
      'p $_exitcode',
    ]);
  });

  test('breakpoints, software and hardware, temporary, with a condition and a count', async () => {
    await expectSame(demo, [
      'break *0x401008',
      'hbreak *0x401012',
      'tbreak *0x401017',
      'continue',
      'continue',
      'continue',
      'info breakpoints',
      'delete',
      'break _start.child_code',
      'continue',
    ]);
  });

  test('fork: the parent is followed', async () => {
    await expectSame(demo, ['catch fork', 'continue', 'p $rip', 'info inferiors', 'continue', 'info inferiors']);
  });

  test('fork: the child is followed', async () => {
    await expectSame(demo, [
      'set follow-fork-mode child',
      'break _start.child_code',
      'continue',
      'info inferiors',
      'x/2i $pc',
      'continue',
    ]);
  });

  test('both processes are debugged', async () => {
    await expectSame(demo, [
      'set detach-on-fork off',
      'set schedule-multiple on',
      'catch fork',
      'continue',
      'info inferiors',
      'inferior 2',
      'p $rax',
      'x/i $pc',
      'inferior 1',
      'p $rax > 1',
    ]);
  });

  test('system calls are caught, going in and coming out', async () => {
    await expectSame(demo, [
      'catch syscall mmap',
      'catch syscall write',
      'continue',
      `info registers ${GENERAL.replace('rax ', '')}`,
      'p $orig_rax',
      'continue',
      'p/x $rax & 0xfff',
      'continue',
      'continue',
      'p $rax',
      'delete',
      'catch syscall exit',
      'continue',
      'p $rdi',
      'continue',
    ]);
  });
});
