/** `pml4 dap` as a command: bytes on standard input and output, and nothing else there. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MessageReader, writeMessage } from '../../src/dap/framing.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

interface Told {
  readonly messages: Record<string, unknown>[];
  readonly status: number | null;
  readonly stderr: string;
}

/** Everything at once, as a client may; then the end of its output, unless it says goodbye. */
function converse(requests: readonly { command: string; arguments?: object }[]): Promise<Told> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'dap']);
    const reader = new MessageReader();
    const messages: Record<string, unknown>[] = [];
    let stderr = '';
    child.stdout.on('data', (bytes: Uint8Array) => {
      for (const framed of reader.push(bytes)) {
        if ('error' in framed) throw new Error(framed.error);
        messages.push(framed.message as Record<string, unknown>);
        if ((framed.message as { event?: string }).event === 'terminated')
          child.stdin.write(writeMessage({ seq: 99, type: 'request', command: 'disconnect' }));
      }
    });
    child.stderr.on('data', (bytes: Uint8Array) => {
      stderr += bytes;
    });
    child.on('close', (status) => resolve({ messages, status, stderr }));
    for (const [i, request] of requests.entries())
      child.stdin.write(writeMessage({ seq: i + 1, type: 'request', ...request }));
    if (requests.length === 0) child.stdin.end();
  });
}

test('a whole session', async () => {
  const { messages, status, stderr } = await converse([
    { command: 'initialize', arguments: { adapterID: 'pml4' } },
    { command: 'launch', arguments: { program: fixturePath('demand_zero') } },
    { command: 'configurationDone' },
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, i) => i + 1));
  const told = messages.map(({ event, command }) => event ?? command);
  expect(told).toEqual([
    'initialize',
    'launch',
    'initialized',
    'configurationDone',
    'output',
    'exited',
    'terminated',
    'disconnect',
  ]);
});

test('a client that goes away ends it', async () => {
  expect(await converse([])).toEqual({ messages: [], status: 0, stderr: '' });
});
