/**
 * A real gdb debugs a program behind `pml4 gdb`, and the same program natively: where both can do it, they print the same.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparableOutput, fixturePath, fixtures } from '../helpers/fixtures.ts';
import {
  batch,
  CLI,
  comparable,
  nativeGdb,
  type RemoteOptions,
  type RemoteTranscript,
  remoteGdb,
  Server,
} from './gdb-session.ts';

/** The text of both is the same, and so is what the program prints. */
async function expectSame(
  program: string,
  commands: readonly string[],
  options: RemoteOptions = {},
): Promise<RemoteTranscript> {
  const remote = await remoteGdb(program, commands, options);
  const native = await nativeGdb(program, commands, options.args ?? [], remote.output);
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

  test('both processes, over the fork and back before it', async () => {
    const { text } = await remoteGdb(demo, [
      'set detach-on-fork off',
      'catch fork',
      'continue',
      'break 96',
      'break 57',
      ...['continue', 'continue', 'reverse-continue', 'reverse-continue', 'p $_thread', 'continue', 'continue'],
      ...['info threads', 'continue', 'info inferiors'],
    ]);
    const stops = [...text.matchAll(/^(Catchpoint|Thread|No more reverse|\[Inferior).*/gm)].map(([line]) => line);
    expect(stops).toEqual([
      'Catchpoint 1 (fork)',
      'Catchpoint 1 (forked process 101), _start () at shared_memory_demo.asm:46',
      'Thread 1.1 "shm_demo" hit Breakpoint 3.1, _start () at shared_memory_demo.asm:57',
      'Thread 2.1 "shm_demo" hit Breakpoint 2.2, _start.wait_loop () at shared_memory_demo.asm:96',
      'Thread 1.1 "shm_demo" hit Breakpoint 3.1, _start () at shared_memory_demo.asm:57',
      'No more reverse-execution history.',
      'Thread 1.1 "shm_demo" hit Breakpoint 3.1, _start () at shared_memory_demo.asm:57',
      'Thread 2.1 "shm_demo" hit Breakpoint 2.2, _start.wait_loop () at shared_memory_demo.asm:96',
      '[Inferior 2 (process 101) exited with code 01]',
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

const CALLS = `#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
struct pair { int first; double second; char name[8]; };
int counter;
static struct pair pairs[3];
static int twice(int x) {
  counter += x;
  return 2 * x;
}
static void on_signal(int signal) {
  counter += 1000 * signal;
}
int main(int argc, char **argv) {
  for (int i = 0; i < 3; i++) {
    pairs[i].first = twice(i);
    pairs[i].second = i / 4.0;
    snprintf(pairs[i].name, sizeof pairs[i].name, "p%d", i);
  }
  printf("%s %d\\n", pairs[2].name, counter);
  fflush(stdout);
  signal(SIGUSR1, on_signal);
  raise(SIGUSR1);
  pid_t pid = fork();
  if (pid == 0) _exit(twice(4));
  int status;
  wait(&status);
  printf("child %d, counter %d\\n", WEXITSTATUS(status), counter);
  return argc > 1 ? atoi(argv[1]) : 3;
}
`;
const SPAWN = `#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv) {
  if (argc > 1) return 7;
  int status;
  char *again[] = {argv[0], "again", 0};
  pid_t pid = vfork();
  if (pid == 0) {
    execve("/proc/self/exe", again, environ);
    _exit(1);
  }
  waitpid(pid, &status, 0);
  printf("%d\\n", WEXITSTATUS(status));
  fflush(stdout);
  again[1] = "last";
  execve("/proc/self/exe", again, environ);
}
`;
const THREADS = `#include <pthread.h>
#include <stdio.h>
static pthread_barrier_t barrier;
int sum;
static void *work(void *argument) {
  pthread_barrier_wait(&barrier);
  __atomic_fetch_add(&sum, *(int *)argument, __ATOMIC_SEQ_CST);
  return 0;
}
static void reached(void) {}
int main(void) {
  pthread_t threads[2];
  int arguments[2] = {3, 4};
  pthread_barrier_init(&barrier, 0, 3);
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], 0, work, &arguments[i]);
  reached();
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
  printf("sum %d\\n", sum);
  return 0;
}
`;
const VECTORS = `#include <stdio.h>
#include <unistd.h>
double d[4] = {1.5, -2.25, 3, 1e300};
float f[8] = {1, 2, 3, 4, 5, 6, 7, 8};
long double ld = 1.25L;
char buffer[16];
volatile int reads, sink;
__attribute__((noinline)) void stop(void) { asm volatile("" ::: "memory"); }
int main(void) {
  asm volatile("movupd %0, %%xmm1\\n vmovups %1, %%ymm2\\n fldt %2\\n fldpi\\n fld1\\n fldz\\n fdivp\\n" ::"m"(d[0]), "m"(f[0]), "m"(ld) : "xmm1", "xmm2", "st");
  stop();
  asm volatile("fstp %%st(0)\\n fstp %%st(0)\\n" ::: "st");
  int p[2];
  pipe(p);
  write(p[1], "abcdef", 6);
  read(p[0], buffer, 6);
  sink = reads;
  reads = 5;
  sink = reads;
  stop();
  puts(buffer);
  return 0;
}
`;

describe('C programs of this Debian', () => {
  let dir: string;
  const program = (name: string): string => join(dir, name);
  const ROOT: RemoteOptions = { options: ['--root', '/'], before: ['set sysroot /'] };
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'pml4-gdb-programs-'));
    for (const [name, source] of Object.entries({ calls: CALLS, spawn: SPAWN, threads: THREADS, vectors: VECTORS })) {
      writeFileSync(program(`${name}.c`), source);
      execFileSync('gcc', [
        '-g',
        name === 'vectors' ? '-O1' : '-O0',
        '-mavx',
        '-pthread',
        '-o',
        program(name),
        program(`${name}.c`),
      ]);
    }
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test('lines, calls, values, a watchpoint, a signal and its handler, a child', async () => {
    await expectSame(
      program('calls'),
      [
        'break main',
        'continue',
        'p argc',
        'next',
        'step',
        'bt 1',
        'finish',
        'next',
        'p pairs[0]',
        'ptype struct pair',
        'watch counter',
        'continue',
        'delete',
        'break twice if x == 2',
        'continue',
        'up',
        'p i',
        'p pairs',
        'delete',
        'tbreak on_signal',
        'continue',
        'bt',
        'p $_siginfo.si_signo',
        'continue',
        'bt 1',
        'finish',
        'p counter',
        'set follow-fork-mode child',
        'break twice if x == 4',
        'continue',
        'bt 1',
        'finish',
        'info inferiors',
        'continue',
      ],
      ROOT,
    );
  });

  test('a signal is kept from the program, or sent to it', async () => {
    await expectSame(program('calls'), ['handle SIGUSR1 nopass', 'continue', 'continue', 'p $_exitcode'], ROOT);
    await expectSame(program('calls'), ['break main', 'continue', 'signal SIGTERM', 'info inferiors'], ROOT);
  });

  test('arguments', async () => {
    await expectSame(program('calls'), ['handle SIGUSR1 nostop noprint', 'continue', 'p $_exitcode'], {
      ...ROOT,
      args: ['5'],
    });
  });

  test('vfork and exec', async () => {
    await expectSame(
      program('spawn'),
      ['catch vfork', 'catch exec', 'continue', 'info inferiors', 'continue', 'info inferiors', 'continue'],
      ROOT,
    );
    await expectSame(
      program('spawn'),
      ['set follow-fork-mode child', 'catch exec', 'continue', 'break main', 'continue', 'p argc', 'continue'],
      ROOT,
    );
  });

  test('vectors and x87; watchpoints that see reads', async () => {
    const registers = 'xmm1 mxcsr fctrl fstat ftag fop st0 st1 st2 st3';
    const stops = ['rwatch reads', 'awatch sink', 'continue', 'continue', 'continue', 'continue', 'p reads', 'delete'];
    await expectSame(
      program('vectors'),
      [
        'break stop',
        'continue',
        `info registers ${registers}`,
        'p $ymm2',
        'p $st1',
        'info float',
        ...stops,
        'continue',
      ],
      ROOT,
    );
  });

  test('a watchpoint sees what the kernel writes, which no hardware tells', async () => {
    const { text } = await remoteGdb(
      program('vectors'),
      ['break main', 'continue', 'watch *(int *) buffer', 'continue', 'x/s buffer', 'reverse-continue', 'x/s buffer'],
      ROOT,
    );
    expect(text).toMatch(/Hardware watchpoint 2: .*buffer\n\nOld value = 0\nNew value = 1684234849\n/);
    expect(text).toMatch(/<buffer>:\t"abcdef"[\s\S]*<buffer>:\t""/);
  });

  test('libraries from the guest itself', async () => {
    const { text } = await remoteGdb(
      program('calls'),
      ['break raise', 'continue', 'info sharedlibrary', 'info symbol $pc', 'info proc exe', 'info proc cwd'],
      { options: ['--root', '/', '--cwd', '/tmp'], before: ['set sysroot target:'] },
    );
    expect(text).toMatch(
      /Yes .*target:\/lib64\/ld-linux-x86-64\.so\.2\n.*Yes .*target:\/lib\/x86_64-linux-gnu\/libc\.so\.6/,
    );
    expect(text).toContain('raise');
    expect(text).toContain(`exe = '${program('calls')}'`);
    expect(text).toContain("cwd = '/tmp'");
  });

  test('threads', async () => {
    const { text, output } = await remoteGdb(
      program('threads'),
      [
        'break reached',
        'continue',
        'info threads',
        'thread apply all bt -1',
        'delete',
        'watch sum',
        'continue',
        'continue',
        'p sum',
        'continue',
        'continue',
      ],
      ROOT,
    );
    expect(text.match(/^[* ] \d+ +Thread 100\.10\d .threads./gm)).toHaveLength(3);
    expect(text).toMatch(/Old value = 0\nNew value = [34]\n/);
    expect(text).toContain('$1 = 7');
    expect(output).toBe('sum 7\n');
  });

  test('a function is called, memory and registers are changed, and going back takes it back', async () => {
    const { text, output } = await remoteGdb(
      program('calls'),
      [
        'handle SIGUSR1 nostop noprint',
        'break twice if x == 2',
        'continue',
        'p twice(21)',
        'p counter',
        'set var counter = 100',
        'next',
        'p counter',
        'reverse-next',
        'reverse-stepi',
        'next',
        'p counter',
        'continue',
      ],
      ROOT,
    );
    expect(text).toMatch(/\$1 = 42\n\$2 = 22\n/);
    expect(text).toMatch(/\$3 = 102\n/);
    expect(output).toMatch(/^p2 10\d\nchild 8/);
  });

  test('backwards by lines and calls', async () => {
    const { text } = await remoteGdb(
      program('calls'),
      [
        'handle SIGUSR1 nostop noprint',
        'break on_signal',
        'continue',
        'p counter',
        'break twice',
        'reverse-continue',
        'p x',
        'p counter',
        'reverse-finish',
        'reverse-step',
        'reverse-next',
        'watch counter',
        'reverse-continue',
        'reverse-continue',
        'p counter',
        'delete',
        'reverse-continue',
      ],
      ROOT,
    );
    expect(text).toMatch(/Breakpoint 2, twice \(x=2\)/);
    expect(text).toContain('$2 = 2\n$3 = 1\n');
    expect(text).toMatch(/Hardware watchpoint 3: counter\n\nOld value = 1\nNew value = 0\n/);
    expect(text).toContain('No more reverse-execution history.');
  });
});

describe('every kind of program comes to the end that Linux has recorded, also with a gdb that sees each call, signal and birth', () => {
  const names = [
    'signal_handler',
    'signal_mask',
    'use_after_munmap',
    'bad_code',
    'thread',
    'vfork',
    'exec_mappings',
    'pipe_family',
    'zombie',
    'self_modifying',
    'position_independent',
    'startup_calls',
  ];
  test.each(fixtures.filter(({ name }) => names.includes(name)))('$name', async (fixture) => {
    const { path, args, status, stdout } = fixture;
    const watching = ['catch syscall', 'catch fork', 'catch vfork', 'catch exec'];
    const actions = [
      'commands 1-4',
      'silent',
      'continue',
      'end',
      'handle all nostop noprint pass',
      'handle SIGINT nostop noprint pass',
    ];
    const { text, output } = await remoteGdb(path, [...watching, ...actions, 'continue'], { args });
    const octal = (code: number): string => code.toString(8).padStart(2, '0');
    const ending =
      'signal' in status
        ? `terminated with signal ${status.signal}`
        : status.exit === 0
          ? 'exited normally'
          : `exited with code ${octal(status.exit)}`;
    expect(text).toContain(ending);
    expect(comparableOutput(fixture, output)).toBe(comparableOutput(fixture, stdout));
  });
});

const README = join(import.meta.dirname, '../../README.md');

describe('the server', () => {
  const demo = fixturePath('shm_demo');

  test('killed, run again, and run once more', async () => {
    const { text, output } = await remoteGdb(demo, [
      'kill',
      'info inferiors',
      'run',
      'break *0x401008',
      'run',
      'p $pc',
      'kill',
    ]);
    expect(text).toContain('[Inferior 1 (process 100) killed]');
    expect(text).toContain('[Inferior 1 (process 100) exited normally]');
    expect(text).toMatch(/Breakpoint 1, .*\n[\s\S]*\$1 = .* 0x401008/);
    expect(output.match(/Parent wrote/g)).toHaveLength(1);
  });

  test('one client goes, the next finds the program where it was; without any it waits', async () => {
    const server = new Server([demo], undefined, false);
    try {
      const connect = `target remote 127.0.0.1:${await server.port}`;
      const first = await batch(['-ex', connect, '-ex', 'stepi 3', '-ex', 'disconnect', demo]);
      expect(first).toContain('mov rdx, 3');
      const second = await batch([
        '-ex',
        connect,
        '-ex',
        'p $pc',
        '-ex',
        'reverse-stepi',
        '-ex',
        'p $pc',
        '-ex',
        'detach',
        demo,
      ]);
      expect(second).toMatch(/\$1 = .* 0x40100d[\s\S]*0x401008[\s\S]*\[Inferior 1 \(process 100\) detached\]/);
      await expect.poll(() => server.stdout).toContain('Child read');
      const third = await batch(['-ex', connect, '-ex', 'p $pc', '-ex', 'kill', demo]);
      expect(third).toMatch(/\$1 = .* 0x401000 <_start>/);
    } finally {
      server.kill();
    }
  });

  test('a child that was detached from is attached to, with its program from the guest', async () => {
    const { text, output } = await remoteGdb(demo, [
      ...['break 57', 'continue', 'info os processes', 'add-inferior', 'inferior 2', 'attach 101', 'info threads'],
      ...['detach', 'inferior 1', 'detach'],
    ]);
    expect(text).toMatch(/^100 +1000 +shm_demo .*\n101 +1000 +shm_demo /m);
    expect(text).toMatch(
      /1\.1 +Thread 100\.100 .*asm:57\n\* 2\.1 +Thread 101\.101 .* _start \(\) at shared_memory_demo\.asm:46\n/,
    );
    expect(output).toContain('Child read');
  });

  test('what is detached from goes on to its end, also when nobody else may connect', async () => {
    const { text, output } = await remoteGdb(demo, ['stepi', 'detach']);
    expect(text).toContain('[Inferior 1 (process 100) detached]');
    expect(output).toContain('Parent wrote');
    expect(output).toContain('Child read');
  });

  test('a plain remote target, and what the program prints in gdb', async () => {
    const { text, output } = await remoteGdb(demo, ['continue'], { target: 'remote', options: ['--output-to-gdb'] });
    expect(text).toContain('Parent wrote: 0xDEADBEEF');
    expect(text).toContain('[Inferior 1 (process 100) exited normally]');
    expect(output).not.toContain('Parent wrote');
  });

  test('the program reads what the server is given', async () => {
    const { text, output } = await remoteGdb('/usr/bin/cat', ['continue'], {
      options: ['--root', '/'],
      before: ['set sysroot /'],
      input: 'one\ntwo\n',
    });
    expect(text).toContain('[Inferior 1 (process 100) exited normally]');
    expect(output).toBe('one\ntwo\n');
  });

  test('Ctrl-C in gdb stops the program', async () => {
    const server = new Server([demo]);
    const gdb = spawn('gdb', ['-nx', '-q', demo], { stdio: ['pipe', 'pipe', 'pipe'] });
    let text = '';
    gdb.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
    try {
      gdb.stdin.write('set confirm off\nset pagination off\nset follow-fork-mode child\n');
      gdb.stdin.write(
        `target extended-remote 127.0.0.1:${await server.port}\nbreak _start.wait_loop\ncontinue\ndelete\n`,
      );
      await expect.poll(() => text, { timeout: 20_000 }).toContain('hit Breakpoint 1');
      // The loop has two instructions: the counter is set anew, so that it takes its time.
      gdb.stdin.write('set var $rcx = -1\ncontinue\n');
      await expect.poll(() => text, { timeout: 20_000 }).toMatch(/hit Breakpoint 1[\s\S]*Continuing/);
      gdb.kill('SIGINT');
      await expect.poll(() => text, { timeout: 20_000 }).toContain('received signal SIGINT');
      gdb.stdin.end('kill\nquit\n');
      expect((await server.end()).status).toBe(0);
    } finally {
      gdb.kill('SIGKILL');
      server.kill();
    }
  });

  test('what the page tables are, in gdb', async () => {
    const { text } = await remoteGdb(demo, [
      'catch fork',
      'continue',
      'monitor walk 0x402000',
      'monitor who-wrote &shared_page',
      'monitor goto 3',
      'stepi',
      'p $pc',
    ]);
    expect(text).toMatch(/pid 100 .*pid 101[\s\S]*COW[\s\S]*2 mappings/);
    expect(text).toContain('process 100, its own store');
    expect(text).toMatch(/leads there\.[\s\S]* 0x40100d <_start\+13>/);
  });

  test("the README's session", async () => {
    const [, block] = /\n\$ gdb -q fixtures\/shm_demo\n(.*?)```/s.exec(readFileSync(README, 'utf8'))!;
    const parts = block
      .split(/^\(gdb\) /m)
      .slice(1)
      .map((part) => part.split(/\n([\s\S]*)/));
    const [connect, ...commands] = parts.map(([command]) => command);
    expect(connect).toBe('target extended-remote 127.0.0.1:4567');
    const { text } = await remoteGdb(demo, commands);
    for (const [, shown] of parts) expect(text).toContain(shown);
  });

  test('mistakes on the command line are one line', () => {
    const run = (...words: string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [CLI, 'gdb', ...words], { encoding: 'utf8' });
      return [status, stderr];
    };
    expect(run('--port', '0')).toEqual([125, 'pml4: gdb needs a PROGRAM\n']);
    expect(run(demo)).toEqual([125, 'pml4: gdb needs --port N\n']);
    expect(run('--port', '99999', demo)).toEqual([125, 'pml4: --port: 99999 is not a port (0 to 65535)\n']);
    expect(run('--port', '0', '/nothing')).toEqual([127, 'pml4: /nothing: no such file\n']);
    expect(run('--port', '0', import.meta.filename)[0]).toBe(126);
  });

  test('nobody else can connect: it listens on the loopback interface alone', async () => {
    const server = new Server([demo], undefined, false);
    try {
      const port = await server.port;
      const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
      const sockets = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/net/${name}`, 'utf8')).join('');
      const local = [...sockets.matchAll(/^ *\d+: ([\dA-F]+):([\dA-F]{4}) [\dA-F]+:0000 0A/gm)].filter(
        ([, , at]) => at === hexPort,
      );
      expect(local.map(([, address]) => address)).toEqual(['0100007F']);
      const busy = spawnSync(process.execPath, [CLI, 'gdb', '--port', String(port), demo], { encoding: 'utf8' });
      expect(busy.stderr).toBe(`pml4: cannot listen on 127.0.0.1:${port}: EADDRINUSE\n`);
    } finally {
      server.kill();
    }
  });
});
