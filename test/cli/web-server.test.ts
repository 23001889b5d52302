/** What `pml4 serve` answers: its own files to this computer, one line to everybody else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../src/cli/listener.ts';
import { webServer } from '../../src/cli/web-server.ts';

let home: string;
let server: Server;
let port: number;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pml4-web-'));
  mkdirSync(join(home, 'web/programs'), { recursive: true });
  writeFileSync(join(home, 'secret'), 'not for you');
  writeFileSync(join(home, 'web-secret'), 'not for you either');
  writeFileSync(join(home, 'web/index.html'), '<!doctype html>');
  writeFileSync(join(home, 'web/pml4-machine.js'), '');
  writeFileSync(join(home, 'web/programs/demo'), 'ELF');
  const given = { type: 'application/octet-stream', bytes: Buffer.from('given bytes') };
  server = webServer(join(home, 'web'), new Map([['/given/program', given]]));
  port = await listenOnLoopback(server, 0);
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const ask = (path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces).toString() }),
      );
    })
      .on('error', reject)
      .end();
  });

test('files, with the policy and what else keeps others out', async () => {
  const { status, headers, body } = await ask('/');
  expect([status, body]).toEqual([200, '<!doctype html>']);
  expect(headers).toMatchObject({
    'content-type': 'text/html;charset=utf-8',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-cache',
  });
  const policy = String(headers['content-security-policy']);
  expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
  expect(policy).toContain("frame-ancestors 'self' http://localhost:* http://127.0.0.1:*");
  expect(headers).not.toHaveProperty('access-control-allow-origin');
});

test('a program as bytes; the one that was given too, and never from a cache', async () => {
  const built = await ask('/programs/demo');
  expect([built.headers['content-type'], built.body]).toEqual(['application/octet-stream', 'ELF']);
  const given = await ask('/given/program?x');
  expect([given.headers['content-type'], given.body]).toEqual(['application/octet-stream', 'given bytes']);
  expect(given.headers['cache-control']).toBe('no-store');
});

test('of all files, one is for other pages', async () => {
  expect((await ask('/pml4-machine.js')).headers['cross-origin-resource-policy']).toBe('cross-origin');
  expect((await ask('/programs/demo')).headers['cross-origin-resource-policy']).toBe('same-origin');
  expect((await ask('/given/program')).headers['cross-origin-resource-policy']).toBe('same-origin');
});

test('what has not changed is not sent again', async () => {
  const { headers } = await ask('/');
  const again = await ask('/', { headers: { 'if-none-match': String(headers.etag) } });
  expect([again.status, again.body]).toEqual([304, '']);
});

test('HEAD is GET without the bytes', async () => {
  for (const path of ['/', '/given/program']) {
    const { status, headers, body } = await ask(path, { method: 'HEAD' });
    expect([status, Number(headers['content-length']) > 10, body]).toEqual([200, true, '']);
  }
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
  const { status, headers, body } = await ask('/', { method });
  expect([status, headers.allow, body]).toEqual([405, 'GET, HEAD', 'files can be read here, nothing else\n']);
});

describe('Host', () => {
  test.each(['127.0.0.1:PORT', 'localhost:PORT', 'LOCALHOST:PORT', '[::1]:PORT'])(
    '%s is this computer',
    async (host) => {
      expect((await ask('/', { headers: { host: host.replace('PORT', String(port)) } })).status).toBe(200);
    },
  );
  test.each([
    '127.0.0.1',
    'localhost:1',
    'example.com',
    'example.com:PORT',
    'localhost.example.com:PORT',
    '127.0.0.1.example.com:PORT',
    '0.0.0.0:PORT',
    'localhost:PORT@example.com',
  ])('%j is not', async (host) => {
    const { status, body } = await ask('/', { headers: { host: host.replace('PORT', String(port)) } });
    expect([status, body]).toEqual([421, `this is a server for this computer alone: ask it as 127.0.0.1:${port}\n`]);
  });
});

describe('nothing outside', () => {
  test.each([
    '/../secret',
    '/%2e%2e/secret',
    '/%2e%2e%2fsecret',
    '/..%5csecret',
    '/../web-secret',
    '/programs/../../secret',
    '/programs',
    '/given',
    '/given/program/',
    '/given/../secret',
    '/%00',
    '/%ff',
    '/%',
    '//',
    '//etc/passwd',
    'http://example.com/secret',
    '/nothing',
  ])('%s', async (path) => {
    const { status, body } = await ask(path);
    // Two slashes are the directory itself.
    expect([status, body]).toEqual(path === '//' ? [200, '<!doctype html>'] : [404, 'there is no such file\n']);
  });
});

test.each(['bytes=5-2', 'bytes=a-b', 'bytes=99999-', 'lines=1'])('a range of %s is the whole', async (range) => {
  const { status, body } = await ask('/', { headers: { range } });
  expect([status, body]).toEqual([200, '<!doctype html>']);
});

test('what is no request ends, and the server goes on', async () => {
  await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
    socket.on('close', resolve).resume();
  });
  expect((await ask('/')).status).toBe(200);
});
