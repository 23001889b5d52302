/** Steps by line, both ways, over the demo's source. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Engine } from '../../src/debug/engine.ts';
import { lineAt } from '../../src/debug/inspect/modules.ts';
import { stateOf } from '../../src/debug/inspect/registers.ts';
import { stepLine } from '../../src/debug/line-steps.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const lineOf = ({ task }: Engine): number | undefined => task && lineAt(task, stateOf(task)!.rip)?.line;

test('forwards, each instruction of assembly is a line; backwards, the same lines', async () => {
  const engine = await Engine.open({ program: readFileSync(fixturePath('shm_demo')), path: 'shm_demo', stdin: '' });
  const lines = [lineOf(engine)];
  for (let i = 0; i < 25; i++) {
    expect((await stepLine(engine, { over: false })).reason.kind).toBe('step');
    lines.push(lineOf(engine));
  }
  expect(new Set(lines).size).toBeGreaterThan(20);
  for (let i = lines.length - 2; i >= 0; i--) {
    await stepLine(engine, { over: true, direction: 'backward' });
    expect(lineOf(engine)).toBe(lines[i]);
  }
  expect(engine.position.instruction).toBe(0);
});
