/** Registers and memory that are set by hand: the run takes another course from there, the same one each time. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Session } from '../../../src/debug/commands/session.ts';
import { Engine } from '../../../src/debug/engine.ts';
import { evaluate } from '../../../src/debug/expression/evaluate.ts';
import { asInteger } from '../../../src/debug/expression/values.ts';
import { fixturePath } from '../../helpers/fixtures.ts';

async function open(
  name: string,
): Promise<{ engine: Engine; value: (text: string) => bigint; set: (text: string) => void }> {
  const engine = await Engine.open({ program: readFileSync(fixturePath(name)), path: name, stdin: '' });
  const session = new Session(engine, {});
  return {
    engine,
    value: (text) => evaluated(text, session),
    set: (text) => void evaluate(text, session.changingScope()).bytes,
  };
}

const evaluated = (text: string, session: Session): bigint => asInteger(evaluate(text, session.scope()));

/** The demo's child compares with a constant that NASM has cut short; with the value that it should have, it exits with 0. */
test('a register that is set decides how the demo ends', async () => {
  const { engine, set, value } = await open('shm_demo');
  engine.addCatchpoint({ kind: 'syscall', names: ['exit'] });
  await engine.continue();
  const exit = engine.position;
  expect(value('$rdi')).toBe(1n);
  set('$rdi = 7');
  await engine.goto({ instruction: 30 });
  for (const point of engine.stopPoints) engine.removeStopPoint(point.id);
  await engine.goto(exit);
  expect(value('$rdi')).toBe(7n);
  await engine.continue();
  const statuses = engine.machine.kernel.allProcesses.map(({ ending }) => ending);
  expect(statuses[1]).toEqual({ kind: 'exited', status: 7 });
});

test('parts of registers, vectors and memory; nothing changes what is only looked at', async () => {
  const { engine, set, value } = await open('shm_demo');
  await engine.stepInstruction({ count: 10 });
  set('$rax = 0x1122334455667788');
  set('$al = 0xff');
  expect(value('$rax')).toBe(0x11223344556677ffn);
  set('$xmm1.uint128 = 5');
  expect(value('$xmm1.v2_int64[0]')).toBe(5n);
  set('$eflags = 0x246');
  expect(value('$eflags') & 0x44n).toBe(0x44n);
  set('{long}$rsp = 99');
  expect(value('{long}$rsp')).toBe(99n);
  // Code is not writable for the program; for a debugger it is, and the process gets a copy of the page.
  set('{char}$rip = 0x90');
  expect(value('{unsigned char}$rip')).toBe(0x90n);
  expect(() => set('{long}8 = 1')).toThrow('Cannot access memory at address 0x8');
  expect(() => set('$cs = 1')).toThrow('$cs cannot be changed.');
  await engine.goto({ instruction: 0 });
  expect(value('{unsigned char}($rip + 0)')).not.toBe(0x90n);
});
