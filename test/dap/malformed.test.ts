/** Whatever a client sends: it is answered or told, and the adapter goes on. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageReader, writeMessage } from '../../src/dap/framing.ts';
import { fixturePath } from '../helpers/fixtures.ts';
import { Client } from './client.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('framing', () => {
  test('messages come in any pieces', () => {
    const messages = [{ a: 1 }, { text: 'ä€😀' }, { list: [1, 2] }];
    const all = messages.flatMap((message) => [...writeMessage(message)]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        const reader = new MessageReader();
        const found: unknown[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const size = sizes[i % sizes.length];
          found.push(...reader.push(Uint8Array.from(all.slice(at, at + size))));
          at += size;
        }
        expect(found).toEqual(messages.map((message) => ({ message })));
      }),
    );
  });

  test.each([
    ['Content-Length: 3\r\n\r\n{x}', 'no JSON'],
    ['Content-Type: x\r\n\r\n', 'a header without a Content-Length'],
    ['Content-Length: -5\r\n\r\n', 'a header without a Content-Length'],
    [`Content-Length: 999999999999\r\n\r\n`, 'a message of 999999999999 bytes'],
    ['x'.repeat(5000), 'a header without an end'],
  ])('%j is told', (text, error) => {
    const [found] = new MessageReader().push(bytes(text));
    expect(found).toEqual({ error: expect.stringContaining(error) });
  });

  test('reading goes on behind what was no message', () => {
    const reader = new MessageReader();
    expect(reader.push(bytes('Content-Length: 2\r\n\r\n{{'))).toMatchObject([{ error: expect.anything() }]);
    expect(reader.push(bytes('X: 1\r\n\r\n'))).toMatchObject([{ error: expect.anything() }]);
    expect(reader.push(writeMessage({ fine: true }))).toEqual([{ message: { fine: true } }]);
  });
});

describe('requests', () => {
  test.each([
    ['nonsense', undefined, "there is no request 'nonsense' here"],
    ['toString', undefined, "there is no request 'toString' here"],
    ['stackTrace', { threadId: 1 }, 'nothing has been launched'],
    ['launch', undefined, 'program is missing'],
    ['launch', [], 'arguments must be an object'],
    ['launch', { program: 5 }, 'program must be a text'],
    ['launch', { program: 'no-such-file' }, 'no-such-file: no such file'],
    ['launch', { program: fixturePath('shm_demo'), args: 'x' }, 'args must be a list of texts'],
    ['launch', { program: fixturePath('shm_demo'), env: { A: 1 } }, 'env must be texts by name'],
    ['launch', { program: fixturePath('shm_demo'), memory: 'much' }, "--memory: 'much' is not a size such as 64M"],
    ['launch', { program: fixturePath('shm_demo'), mounts: ['x'] }, "--mount: 'x' is not of the form"],
    ['launch', { program: fixturePath('shm_demo'), follow: 'all' }, 'follow must be one of parent, child, both'],
    ['attach', {}, 'there is nothing to attach to'],
  ])('%s %j', async (command, args, message) => {
    const answer = await new Client().tryRequest(command, args);
    expect(answer).toMatchObject({ success: false, message: expect.stringContaining(message) });
  });

  test.each([
    ['stackTrace', { threadId: 7 }, { stackFrames: [] }],
    ['stackTrace', {}, 'threadId is missing'],
    ['scopes', { frameId: 12345 }, 'there is no such frame'],
    ['variables', { variablesReference: 12345 }, 'there are no such variables'],
    ['continue', { threadId: 7 }, 'there is no thread 7'],
    ['readMemory', { memoryReference: 'here', count: 1 }, "memoryReference: 'here' is no address"],
    ['readMemory', { memoryReference: '0x0', count: 1e9 }, 'count must be from 0 to'],
    ['readMemory', { memoryReference: '0xffffffffffffffff', offset: 5, count: 100 }, { data: '' }],
    ['disassemble', { memoryReference: '0x401000', instructionCount: -1 }, 'instructionCount and instructionOffset'],
    ['setBreakpoints', { breakpoints: [] }, 'source is missing'],
    [
      'setBreakpoints',
      { source: { path: '/x.asm' }, breakpoints: [{ line: 1 }] },
      { breakpoints: [{ verified: false }] },
    ],
    ['setBreakpoints', { source: { path: '/x.asm' }, breakpoints: [{ line: 'x' }] }, 'line must be a whole number'],
    ['setFunctionBreakpoints', { breakpoints: [{ name: 'nobody' }] }, { breakpoints: [{ verified: false }] }],
    [
      'setFunctionBreakpoints',
      { breakpoints: [{ name: '_start', hitCondition: '% 2' }] },
      { breakpoints: [{ verified: false, reason: 'failed' }] },
    ],
    [
      'setInstructionBreakpoints',
      { breakpoints: [{ instructionReference: '' }] },
      "instructionReference: '' is no address",
    ],
    ['setDataBreakpoints', { breakpoints: [{ dataId: 'x' }] }, 'none that this adapter has given'],
    ['setExceptionBreakpoints', { filters: ['everything'] }, "there is no filter 'everything'"],
    ['exceptionInfo', { threadId: 100 }, 'not stopped at an exception'],
    ['evaluate', { expression: '1 +', context: 'watch' }, 'A syntax error'],
    ['evaluate', { expression: 'no_such_thing', context: 'repl' }, 'No symbol'],
    ['goto', { threadId: 100, targetId: 3 }, 'there is no such target'],
    ['source', { sourceReference: 99 }, 'there is no such source'],
    ['launch', { program: fixturePath('shm_demo') }, 'a program has been launched already'],
  ] as [string, object, string | object][])('in a session: %s %j', async (command, args, wanted) => {
    const client = new Client();
    await client.launch(fixturePath('shm_demo'));
    await client.stopped();
    const answer = await client.tryRequest(command, args);
    if (typeof wanted === 'string')
      expect(answer).toMatchObject({ success: false, message: expect.stringContaining(wanted) });
    else expect(answer).toMatchObject({ success: true, body: wanted });
    expect(await client.request('threads')).toMatchObject({ threads: [{ id: 100 }] });
  });

  test('what is no request is told, and the next one is answered', async () => {
    const client = new Client();
    client.sendBytes(bytes('Content-Length: 4\r\n\r\nnull'));
    client.sendBytes(writeMessage({ seq: 'x', type: 'request', command: 'threads' }));
    client.sendBytes(writeMessage({ type: 'event' }));
    expect(client.output('console')).toBe('pml4: a message that is no request\n'.repeat(3));
    expect(await client.request('initialize')).toMatchObject({ supportsStepBack: true });
  });

  // Any JSON in the place of any argument: an answer, or a failure in one line, and no internal error.
  test('any arguments', async () => {
    const client = new Client();
    await client.launch(fixturePath('shm_demo'));
    await client.stopped();
    const commands = ['setBreakpoints', 'setFunctionBreakpoints', 'setInstructionBreakpoints', 'dataBreakpointInfo', 'setDataBreakpoints', 'setExceptionBreakpoints', 'breakpointLocations', 'stackTrace', 'scopes', 'variables', 'evaluate', 'completions', 'readMemory', 'disassemble', 'modules', 'loadedSources', 'source', 'gotoTargets', 'exceptionInfo']; // biome-ignore format: one line
    const names = ['source', 'breakpoints', 'name', 'line', 'frameId', 'threadId', 'variablesReference', 'expression', 'context', 'text', 'column', 'memoryReference', 'offset', 'count', 'instructionCount', 'instructionOffset', 'sourceReference', 'filters', 'filterOptions', 'levels', 'startFrame', 'start']; // biome-ignore format: one line
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('0x401000', '_start', 100, 1, -1, [{ line: 1 }], { path: '/a' }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...commands),
        fc.dictionary(fc.constantFrom(...names), value),
        async (command, args) => {
          const { success, message } = await client.tryRequest(command, args);
          if (success) return;
          expect(message).not.toContain('internal error');
          expect(message).not.toContain('\n');
        },
      ),
      { numRuns: 400 },
    );
  });
});
