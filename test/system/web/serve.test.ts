/** `pml4 serve` as a command: its line, its port, its end, and a program of the user's. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixturePath } from '../../helpers/fixtures.ts';
import { ServeProcess } from './browser.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CLI = join(ROOT, 'src/cli/main.ts');

test('says where the view is, in one line, and ends at Ctrl-C', async () => {
  const server = await ServeProcess.start();
  expect(server.line).toMatch(/^the browser view: http:\/\/127\.0\.0\.1:\d+\/ \(Ctrl-C ends it\)$/);
  expect((await fetch(server.url)).status).toBe(200);
  await server.stop();
  await expect(fetch(server.url)).rejects.toThrow();
});

test('a port that is taken is one line; without one of the user, another is found', async () => {
  const server = await ServeProcess.start();
  const { port } = new URL(server.url);
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'serve', '--port', port], { encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([125, '', `pml4: cannot listen on 127.0.0.1:${port}: EADDRINUSE\n`]);
  await server.stop();
});

test('listens to this computer only', async () => {
  const server = await ServeProcess.start();
  const port = Number(new URL(server.url).port);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  for (const { address } of others) {
    const outcome = await new Promise((resolve) => {
      const socket = connect(port, address, () => resolve('connected'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(outcome, address).toBe('ECONNREFUSED');
  }
  await server.stop();
});

describe('with a program', () => {
  test('its bytes, its arguments, what the machine is told, and its sources', async () => {
    const options = [
      '--env',
      'A=1',
      '--seed',
      '7',
      '--memory',
      '64M',
      '--quantum',
      '500',
      '--cpu',
      'v2',
      '--cwd',
      '/tmp',
    ];
    const server = await ServeProcess.start(...options, 'fixtures/arguments', 'one', '--port');
    expect(server.url).toMatch(/\/#v=1&given=arguments$/);
    const given = (await (await fetch(`${server.origin}/given/program.json`)).json()) as Record<string, unknown>;
    expect(given).toMatchObject({
      name: 'arguments',
      path: 'fixtures/arguments',
      args: ['one', '--port'],
      env: { A: '1' },
      seed: 7,
      memory: 64 * 1024 * 1024,
      quantum: 500,
      cpu: 2,
      cwd: '/tmp',
    });
    expect(Object.keys(given.sources as object)).toEqual(['asm/arguments.asm', 'asm/include/linux.inc']);
    const bytes = Buffer.from(await (await fetch(`${server.origin}/given/program`)).arrayBuffer());
    expect(
      bytes.equals(await import('node:fs').then(({ readFileSync }) => readFileSync(fixturePath('arguments')))),
    ).toBe(true);
    await server.stop();
  });
});

test('a view that was never built is one line', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-serve-'));
  cpSync(join(ROOT, 'src'), join(dir, 'src'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
  cpSync(join(ROOT, 'node_modules/sirv'), join(dir, 'node_modules/sirv'), { recursive: true, dereference: true });
  const main = join(dir, 'src/cli/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'serve'], { encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  expect([status, stdout]).toEqual([125, '']);
  expect(stderr).toBe(`pml4: the browser view is not built (${join(dir, 'dist/web')}): npm run build:web\n`);
});
