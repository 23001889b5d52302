/** The command as a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIXTURES_DIR } from '../../asm/programs.ts';
import { fixturePath, fixtures } from '../helpers/fixtures.ts';
import { normaliseStrace } from '../helpers/normalise.ts';
import { twoSegments } from '../helpers/tiny-elf.ts';

const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

function pml4In(cwd: string | undefined, ...words: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { cwd, encoding: 'utf8' });
  return { status, signal, stdout, stderr };
}
const pml4 = (...words: string[]) => pml4In(undefined, ...words);
/** jmp to itself. */
const SPIN = new Uint8Array([0xeb, 0xfe]);
/** sub rsp, 64; read(0, rsp, 3); exit(what read gave) */
const READ_3 = '4883ec4031c031ff4889e6ba030000000f0589c7b83c0000000f05';
const demo = fixturePath('shm_demo');
const recorded = fixtures.find(({ name }) => name === 'shm_demo')!;

let dir: string;
let spin: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-cli-'));
  spin = join(dir, 'spin');
  writeFileSync(spin, twoSegments(SPIN));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('pml4 run', () => {
  test('the demo: its output, its status, nothing else', () => {
    expect(pml4('run', demo)).toEqual({ status: 0, signal: null, stdout: recorded.stdout, stderr: '' });
  });

  test('hands over arguments and environment, and ends with the status of the program', () => {
    const { status, stdout } = pml4('run', '--env', 'A=1', fixturePath('arguments'), '--strace', 'two words', '');
    expect([status, stdout]).toEqual([4, '--strace\ntwo words\n\n']);
  });

  test('--tty: input that is a file ends the run no differently', () => {
    const words = [CLI, 'run', '--tty', demo];
    const { status, stderr } = spawnSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    expect([status, stderr.toString()]).toEqual([0, '']);
  });

  test('ends with 128 + N after signal N', () => {
    const { status, stdout, stderr } = pml4('run', fixturePath('use_after_munmap'));
    expect([status, stdout, stderr]).toEqual([
      139,
      'Mapped:   0x000000000000002A\nUnmapped: ',
      'pml4: killed by SIGSEGV\n',
    ]);
  });

  // By a short name: strace(1) cuts strings of over 32 characters, wherever the checkout may be.
  const pml4InFixtures = (...words: string[]) => pml4In(FIXTURES_DIR, ...words);

  test('--strace is as strace(1) has it', () => {
    const { stdout, stderr } = pml4InFixtures('run', '--strace', './shm_demo');
    expect(stdout).toBe(recorded.stdout);
    expect(normaliseStrace(stderr)).toBe(normaliseStrace(recorded.strace));
    expect(stderr).toMatch(
      /^mmap\(NULL, 4096, PROT_READ\|PROT_WRITE, MAP_SHARED\|MAP_ANONYMOUS, -1, 0\) = 0x7f[0-9a-f]+\nfork\(\) {34}= \d+$/m,
    );
    expect(stderr).toMatch(/^\[pid +\d+\] exit\(1\) += \?\n\[pid +\d+\] \+\+\+ exited with 1 \+\+\+$/m);
  });

  test('--crash-at lets power fail and runs the program again on what the disk holds', () => {
    const { status, stdout, stderr } = pml4('run', '--crash-at', '160', fixturePath('torn_update'));
    expect([status, stdout, stderr]).toEqual([
      0,
      'the accounts together: 100\nthe accounts together: 90\nfirst account:  10\nsecond account: 80\n',
      'pml4: power failure after 160 instructions; the machine starts again\n',
    ]);
  });

  test('--strace=FILE, --pages=FILE and --trace=FILE keep out of the way', () => {
    const file = (name: string) => join(dir, name);
    const words = [`--strace=${file('s')}`, `--pages=${file('p')}`, '--trace', file('t')];
    const result = pml4InFixtures('run', ...words, './shm_demo');
    expect(result).toEqual({ status: 0, signal: null, stdout: recorded.stdout, stderr: '' });
    expect(normaliseStrace(readFileSync(file('s'), 'utf8'))).toBe(normaliseStrace(recorded.strace));
    expect(readFileSync(file('p'), 'utf8')).toContain('BE BA FE CA EF BE AD DE');
    const events = readFileSync(file('t'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: 'exec', pid: 100, instructions: 0 });
    expect(events.find(({ event }) => event === 'fork')).toMatchObject({ call: 'fork', child: 101 });
    expect(events.filter(({ event }) => event === 'exit')).toMatchObject([
      { pid: 101, kind: 'exited', status: 1 },
      { pid: 100, kind: 'exited', status: 0 },
    ]);
    expect(events.find(({ event }) => event === 'first touch')).toMatchObject({
      before: null,
      after: { frame: expect.stringMatching(/^0x/), flags: expect.stringMatching(/^P /) },
    });
  });

  test('--stats counts', () => {
    expect(pml4('run', '--stats', fixturePath('empty')).stderr).toMatch(/instructions +3 /);
  });

  test('--max-instructions and --timeout end a program that does not', () => {
    const limited = pml4('run', '--max-instructions', '1000000', spin);
    expect([limited.status, limited.stderr]).toEqual([
      124,
      'pml4: stopped after 1000000 instructions (--max-instructions)\n',
    ]);
    const timed = pml4('run', '--timeout=0.2', spin);
    expect([timed.status, timed.stderr]).toEqual([124, 'pml4: stopped after 0.2 s (--timeout)\n']);
  });

  test('--memory: a program that wants more is killed, and the host is not', () => {
    const { status, stderr } = pml4('run', '--memory', '1M', fixturePath('stack_growth'));
    expect(status).toBe(137);
    expect(stderr).toContain('out of memory');
  });

  test('ends when nobody reads its output', async () => {
    const child = spawn('/bin/sh', ['-c', `"$0" "$1" run "$2"; echo "status $?" >&2`, process.execPath, CLI, demo]);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('status 141\n');
  });

  test('a program gets no more of its input than it reads: the rest is for the next one', () => {
    const reader = join(dir, 'reader');
    writeFileSync(reader, twoSegments(Uint8Array.from(READ_3.match(/../g)!, (byte) => Number.parseInt(byte, 16))));
    const script = `(echo abcdef; sleep 0.1; echo more) | ("$0" "$1" run "$2"; echo "status $?"; cat)`;
    const { stdout } = spawnSync('/bin/sh', ['-c', script, process.execPath, CLI, reader], { encoding: 'utf8' });
    expect(stdout).toBe('status 3\ndef\nmore\n');
  });

  test('dies of Ctrl-C', async () => {
    const child = spawn(process.execPath, [CLI, 'run', '--strace', spin]);
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGINT');
    const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
    expect(signal).toBe('SIGINT');
  });
});

describe('failures of its own are one line and a status', () => {
  test.each([
    [['run', 'no/such/file'], 127, 'no/such/file: no such file'],
    [['run', '/'], 126, '/: is a directory'],
    [['run', 'package.json'], 126, 'package.json: not an ELF file'],
    [['run', '--nonsense', demo], 125, 'unknown option --nonsense'],
    [['run', '--mount', '/:/', demo], 125, "mount: '/' is not an absolute path below /"],
    [
      ['run', '--mount', 'here', demo],
      125,
      "--mount: 'here' is not of the form HOST:GUEST[:ro|rw], with an absolute GUEST",
    ],
    [['run', '--mount', '/no/such:/m', demo], 125, 'mount: /no/such: no such directory'],
    [['run', '--root', '/no/such', demo], 125, 'root: /no/such: no such directory'],
    [['run', '--cwd', '/no/such', demo], 125, 'cwd: /no/such: no such directory'],
    [['run', '--root', '/', 'no-such-program'], 127, 'no-such-program: no such file'],
    [
      ['run', '--schedule', 'no-such', demo],
      125,
      "--schedule: 'no-such' is no schedule such as 100:12,101, nor a file to read (ENOENT)",
    ],
    [['run'], 125, 'run needs a PROGRAM'],
    [['run', '--pages=/no/such/dir/file', demo], 125, '--pages: cannot write /no/such/dir/file: ENOENT'],
    [['serve', '--port', '65536'], 125, '--port: 65536 is not a port (0 to 65535)'],
    [['serve', '--seed', '1'], 125, '--seed: serve has no PROGRAM it is for'],
    [
      ['serve', '--root', '/', demo],
      125,
      "--root is not there yet: it needs files of the host in the browser's machine",
    ],
    [['serve', 'no-such-program'], 127, 'no-such-program: no such file'],
    [['serve', CLI], 126, `${CLI}: not an ELF file`],
    [[demo], 125, `unknown command '${demo}'; to run a program: pml4 run ${demo}`],
    [['info', 'no/such/file'], 127, 'no/such/file: no such file'],
  ])('%j', (words, status, message) => {
    expect(pml4(...words)).toEqual({ status, signal: null, stdout: '', stderr: `pml4: ${message}\n` });
  });

  test.each(['run', 'explore', 'serve', 'info'])('help of %s', (command) => {
    const { status, stdout, stderr } = pml4(command, '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`pml4 ${command} \\[options\\] \\[?PROGRAM`));
    expect(stdout.match(/^ {2}pml4 /gm)).toHaveLength(1);
    expect(pml4('help', command).stdout).toBe(stdout);
  });

  test('no command: help on standard error', () => {
    const { status, stdout, stderr } = pml4();
    expect([status, stdout]).toEqual([125, '']);
    expect(stderr).toContain('pml4 run [options] PROGRAM');
  });
});

describe('pml4 info', () => {
  test('says what is in the file', () => {
    expect(pml4('info', demo).stdout.replace(demo, 'shm_demo')).toMatchInlineSnapshot(`
      "shm_demo
        type          ELF 64-bit executable, x86-64, 9,968 bytes
        linking       static
        entry         0x401000 <_start>
        stack         not executable
        symbols       13, 0 of them marked as functions
        segments
               start     end       offset  in file  in memory  sections
          r--  0x400000  0x4000e8  0x0     232      232
          r-x  0x401000  0x401109  0x1000  265      265        .text
          rw-  0x402000  0x402040  0x2000  56       64         .data .bss
      "
    `);
  });

  test('--syscalls lists what there is', () => {
    const { status, stdout } = pml4('info', '--syscalls');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +9 +mmap +without: huge pages/m);
    expect(stdout).toMatch(/^ +11 +munmap +full$/m);
  });

  test('--isa lists every encoding by its feature', () => {
    const { status, stdout } = pml4('info', '--isa');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\| popcnt +\| +1 \| +1 \| +0 \| +0 \|$/m);
    expect(stdout).toMatch(/^popcnt\n {2}F3 0F B8 \/r {2}popcnt {2}r, r\/m$/m);
    expect(stdout).toMatch(/^ {2}0F 32 +rdmsr +privileged: #GP$/m);
    expect(stdout).toMatch(/^ {2}0F 02 \/r +lar +r, rv\/m16 +missing: asks for a segment descriptor/m);
  });
  test('--isa --json, to its end', () => {
    const entries = JSON.parse(pml4('info', '--isa', '--json').stdout);
    expect(entries.length).toBeGreaterThan(1000);
    const movbe = { feature: 'movbe', mnemonic: 'movbe', support: 'implemented' };
    expect(entries).toContainEqual({ ...movbe, opcode: '0F 38 F0 /r', operands: 'r, m' });
    expect(pml4('info', '--json')).toMatchObject({ status: 125, stderr: 'pml4: --json goes with --isa\n' });
  });

  test('help and version', () => {
    expect(pml4('--help').stdout).toContain('--strace[=FILE]');
    expect(pml4('--version').stdout).toMatch(/^pml4 \d+\.\d+\.\d+\n$/);
  });
});
