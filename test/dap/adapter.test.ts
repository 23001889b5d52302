/** A client drives the demo through the protocol: forwards, backwards, and what is seen on the way. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { afterAll, describe, expect, test } from 'vitest';
import { HOST } from '../../src/cli/commands/dap.ts';
import { Arguments } from '../../src/dap/arguments.ts';
import { parseLaunch } from '../../src/dap/host.ts';
import { fixturePath } from '../helpers/fixtures.ts';
import { twoSegments } from '../helpers/tiny-elf.ts';
import { Client } from './client.ts';

const DEMO = fixturePath('shm_demo');
const SOURCE = fileURLToPath(new URL('../../asm/shared_memory_demo.asm', import.meta.url));
/** In the published source: the parent's store, the child's load. */
const STORE_LINE = 53;
const LOAD_LINE = 91;

const breakAt = (client: Client, ...lines: number[]) =>
  client.request<DebugProtocol.SetBreakpointsResponse['body']>('setBreakpoints', {
    source: { path: SOURCE },
    breakpoints: lines.map((line) => ({ line })),
  });

describe('the demo', () => {
  test('a breakpoint by line, steps both ways, and back to the breakpoint', async () => {
    const client = new Client();
    let set: DebugProtocol.Breakpoint[] = [];
    await client.launch(DEMO, { stopOnEntry: false }, async () => {
      set = (await breakAt(client, STORE_LINE)).breakpoints;
    });
    expect(set).toMatchObject([{ verified: true, line: STORE_LINE, instructionReference: '0x401066' }]);
    const hit = await client.stopped();
    expect(hit).toMatchObject({
      reason: 'breakpoint',
      threadId: 100,
      allThreadsStopped: true,
      hitBreakpointIds: [set[0].id],
    });
    expect(await client.top(100)).toMatchObject({
      name: '_start+102',
      line: STORE_LINE,
      instructionPointerReference: '0x401066',
    });

    expect(await client.move('next', { threadId: 100 })).toMatchObject({ reason: 'step', threadId: 100 });
    expect((await client.top(100)).line).toBe(STORE_LINE + 3);
    expect(await client.move('stepBack', { threadId: 100 })).toMatchObject({ reason: 'step', threadId: 100 });
    expect((await client.top(100)).line).toBe(STORE_LINE);
    expect(await client.move('stepIn', { threadId: 100, granularity: 'instruction' })).toMatchObject({
      reason: 'step',
    });
    expect((await client.top(100)).instructionPointerReference).toBe('0x40106a');
    expect(await client.move('reverseContinue', { threadId: 100 })).toMatchObject({ reason: 'breakpoint' });
    expect((await client.top(100)).instructionPointerReference).toBe('0x401066');
    expect(await client.move('reverseContinue', { threadId: 100 })).toMatchObject({
      description: 'The beginning of the run',
    });
  });

  test('two threads from the fork on; registers of both, changed ones marked', async () => {
    const client = new Client();
    await client.launch(DEMO, { stopOnEntry: false }, async () => {
      await breakAt(client, LOAD_LINE);
    });
    expect(await client.stopped()).toMatchObject({ reason: 'breakpoint', threadId: 101 });
    const { threads } = await client.request<DebugProtocol.ThreadsResponse['body']>('threads');
    expect(threads).toEqual([
      { id: 100, name: 'shm_demo 100: in wait4' },
      { id: 101, name: 'shm_demo 101' },
    ]);
    const child = await client.top(101);
    expect(child).toMatchObject({ line: LOAD_LINE, instructionPointerReference: '0x4010bf' });
    const before = await client.scope(child.id, 'Registers');
    expect(before.get('rcx')?.value).toBe(`0x${'0'.repeat(16)}`);
    await client.move('stepIn', { threadId: 101, granularity: 'instruction' });
    const after = await client.scope((await client.top(101)).id, 'Registers');
    expect(after.get('rbx')).toMatchObject({ value: '0xdeadbeefcafebabe', type: '64 bits, was 0x0' });
    expect(after.get('r12')).toMatchObject({
      value: '0x00007ffff7ffe000',
      type: '64 bits',
      memoryReference: '0x7ffff7ffe000',
    });
    // The parent's are its own.
    const parent = await client.scope((await client.top(100)).id, 'Registers');
    expect(parent.get('rax')?.value).toBe(`0x${(61).toString(16).padStart(16, '0')}`);

    const walks = await client.scope((await client.top(101)).id, 'Page walks');
    const shared = await client.variables(walks.get('r12 = 0x7ffff7ffe000')!.variablesReference);
    expect([...shared.keys()]).toEqual(['PML4[255]', 'PDPT[511]', 'PD[447]', 'PT[510]', 'frame']);
    expect(shared.get('PT[510]')?.value).toBe('0x0020e000  P RW US A - NX');
    expect(shared.get('frame')?.value).toBe('0x0020e000, 2 mappings');
    const flags = await client.scope((await client.top(101)).id, 'Flags');
    expect(flags.get('ZF')).toMatchObject({ value: '1', type: 'zero' });
  });

  test('memory and disassembly, also before an address and where nothing is', async () => {
    const client = new Client();
    await client.launch(DEMO, {}, async () => {
      await breakAt(client, LOAD_LINE);
    });
    await client.stopped();
    await client.move('continue', { threadId: 100 });
    const read = await client.request<{ data: string }>('readMemory', { memoryReference: '0x7ffff7ffe000', count: 8 });
    expect(Buffer.from(read.data, 'base64').readBigUInt64LE()).toBe(0xdead_beef_cafe_baben);
    expect(await client.request('readMemory', { memoryReference: '0x10', count: 16 })).toEqual({
      address: '0x10',
      data: '',
      unreadableBytes: 16,
    });
    const at = { memoryReference: '0x4010bf', instructionOffset: -2, instructionCount: 4 };
    const { instructions } = await client.request<NonNullable<DebugProtocol.DisassembleResponse['body']>>(
      'disassemble',
      at,
    );
    expect(instructions.map(({ address, instruction, line }) => [BigInt(address), instruction, line])).toEqual([
      [0x4010ban, 'dec rcx', 87],
      [0x4010bdn, expect.stringMatching(/^jne? 0x4010ba|^jnz 0x4010ba/), 88],
      [0x4010bfn, 'mov rbx, [r12]', LOAD_LINE],
      [0x4010c3n, 'mov eax, 1', 96],
    ]);
    const nowhere = await client.request<NonNullable<DebugProtocol.DisassembleResponse['body']>>('disassemble', {
      memoryReference: '0x1000',
      instructionOffset: -2,
      instructionCount: 5,
    });
    expect(nowhere.instructions.map(({ presentationHint }) => presentationHint)).toEqual(new Array(5).fill('invalid'));
    expect(await client.request('modules')).toMatchObject({ modules: [{ name: 'shm_demo' }], totalModules: 1 });
  });

  test('what is printed is told once, whatever way one goes; the end is told', async () => {
    const client = new Client();
    await client.launch(DEMO, { stopAtEnd: true });
    await client.stopped();
    expect(await client.move('continue', { threadId: 100 })).toMatchObject({ description: 'The end of the run' });
    expect(client.output('stdout')).toBe('Parent wrote: 0xDEADBEEF\nChild read: 0x????????????????\n');
    expect(await client.move('reverseContinue', { threadId: 100 })).toMatchObject({
      description: 'The beginning of the run',
    });
    expect(await client.move('continue', { threadId: 100 })).toMatchObject({ description: 'The end of the run' });
    expect(client.output('stdout')).toBe('Parent wrote: 0xDEADBEEF\nChild read: 0x????????????????\n');
    await client.request('continue', { threadId: 100 });
    expect(await client.event('exited')).toEqual({ exitCode: 0 });
    await client.event('terminated');
    await client.request('disconnect');
    expect(client.isClosed).toBe(true);
  });

  test('without stopAtEnd the session ends with the program', async () => {
    const client = new Client();
    await client.launch(DEMO, { stopOnEntry: false });
    expect(await client.event('exited')).toEqual({ exitCode: 0 });
    await client.event('terminated');
  });

  test('filters: a fork, and a break of copy-on-write; with a condition, a call', async () => {
    const client = new Client();
    await client.launch(DEMO, { stopOnEntry: false }, async () => {
      await client.request('setExceptionBreakpoints', {
        filters: ['fork'],
        filterOptions: [{ filterId: 'syscall', condition: 'munmap' }],
      });
    });
    expect(await client.stopped()).toMatchObject({
      reason: 'exception',
      description: 'Fork',
      text: 'fork: process 101',
      threadId: 100,
    });
    expect(await client.request('exceptionInfo', { threadId: 100 })).toMatchObject({
      exceptionId: 'Fork',
      description: 'fork: process 101',
    });
    expect(await client.move('continue', { threadId: 100 })).toMatchObject({
      text: expect.stringContaining('munmap(0x7ffff7ffe000, 4096'),
      threadId: 100,
    });
  });

  test('data: the frame is watched for both processes', async () => {
    const client = new Client();
    await client.launch(DEMO, {}, async () => {
      await breakAt(client, STORE_LINE);
    });
    await client.stopped();
    await client.move('continue', { threadId: 100 });
    const info = await client.request<{ dataId: string }>('dataBreakpointInfo', { name: 'frame 0x20e000', bytes: 8 });
    expect(info).toMatchObject({ dataId: 'frame 0x20e 0 8', accessTypes: ['read', 'write', 'readWrite'] });
    await client.request('setDataBreakpoints', { breakpoints: [{ dataId: info.dataId, accessType: 'readWrite' }] });
    const store = await client.move('continue', { threadId: 100 });
    expect(store).toMatchObject({ reason: 'data breakpoint', threadId: 100, hitBreakpointIds: [expect.any(Number)] });
    expect(store.description).toBe('Paused on 8 bytes in frame 0x0020e000, whoever maps it');
    expect(store.text).toContain('be ba fe ca ef be ad de');
    const load = await client.move('continue', { threadId: 100 });
    expect(load).toMatchObject({ reason: 'data breakpoint', threadId: 101 });
    expect(load.text).toMatch(/^The program has read be ba fe ca ef be ad de, at 0x4010bf$/);
    // By expression: what a register points to, and a symbol.
    expect(await client.request('dataBreakpointInfo', { name: '$r12' })).toMatchObject({
      dataId: 'virtual 101 0x7ffff7ffe000 8',
    });
    expect(await client.request('dataBreakpointInfo', { name: 'r12' })).toMatchObject({
      dataId: 'virtual 101 0x7ffff7ffe000 8',
      description: 'r12: 8 bytes at 0x7ffff7ffe000 of process 101',
    });
    expect(await client.request('dataBreakpointInfo', { name: 'no such thing' })).toMatchObject({ dataId: null });
  });

  test('expressions and commands', async () => {
    const client = new Client();
    await client.launch(DEMO, {}, async () => {
      await breakAt(client, LOAD_LINE);
    });
    await client.stopped();
    await client.move('continue', { threadId: 100 });
    const frameId = (await client.top(101)).id;
    const evaluate = async (expression: string, context: string, more: object = {}) =>
      (await client.request<{ result: string }>('evaluate', { expression, context, frameId, ...more })).result;
    expect(await evaluate('r12', 'hover')).toBe('140737354129408');
    expect(await evaluate('r12', 'watch', { format: { hex: true } })).toBe('0x7ffff7ffe000');
    expect(await evaluate('*(unsigned long *)$r12 == 0xDEADBEEFCAFEBABE', 'watch')).toBe('1');
    expect(await evaluate('walk $r12', 'repl')).toContain('0x0020e000');
    expect(await evaluate('1 + 2', 'repl')).toBe('3');
    const failed = await client.tryRequest('evaluate', { expression: '*(int *)0', context: 'watch' });
    expect(failed).toMatchObject({ success: false, message: 'Cannot access memory at address 0x0' });
    // One that looks elsewhere and comes back is not told.
    const stops = () => client.messages.filter((message) => 'event' in message && message.event === 'stopped').length;
    const before = stops();
    expect(await evaluate('diff 6', 'repl')).toMatch(/^Event 6, /);
    expect(stops()).toBe(before);
    // A command that moves is told as a stop.
    await client.request('evaluate', { expression: 'reverse-stepi', context: 'repl' });
    expect(await client.stopped()).toMatchObject({ reason: 'step', threadId: 101 });
    expect((await client.top(101)).instructionPointerReference).toBe('0x4010bd');
    const { targets } = await client.request<DebugProtocol.CompletionsResponse['body']>('completions', {
      text: 'reverse-st',
      column: 11,
    });
    expect(targets.map(({ label }) => label)).toEqual(['reverse-step', 'reverse-stepi']);
  });

  test('restart is the beginning of the same run', async () => {
    const client = new Client();
    await client.launch(DEMO, {}, async () => {
      await breakAt(client, STORE_LINE);
    });
    await client.stopped();
    await client.move('continue', { threadId: 100 });
    expect(await client.move('restart')).toMatchObject({ reason: 'entry', threadId: 100 });
    expect((await client.top(100)).instructionPointerReference).toBe('0x401000');
    expect(await client.move('continue', { threadId: 100 })).toMatchObject({ reason: 'breakpoint' });
    // With other arguments it is another run; what was set stays.
    expect(await client.move('restart', { arguments: { program: DEMO, stopOnEntry: false, seed: 3 } })).toMatchObject({
      reason: 'breakpoint',
    });
    expect((await client.top(100)).line).toBe(STORE_LINE);
  });

  test('to go to a line is to run there', async () => {
    const client = new Client();
    await client.launch(DEMO);
    await client.stopped();
    const { targets } = await client.request<DebugProtocol.GotoTargetsResponse['body']>('gotoTargets', {
      source: { path: SOURCE },
      line: STORE_LINE,
    });
    expect(targets).toMatchObject([{ label: 'Run to 0x401066', line: STORE_LINE }]);
    await client.move('goto', { threadId: 100, targetId: targets[0].id });
    expect((await client.top(100)).line).toBe(STORE_LINE);
  });
});

test('a breakpoint with a condition, and one from the third time on', async () => {
  const client = new Client();
  await client.launch(fixturePath('shm_demo'), { stopOnEntry: false }, async () => {
    const at = (line: number, more: object) => ({ line, ...more });
    await client.request('setBreakpoints', {
      source: { path: SOURCE },
      // `dec rcx` in the loop; the other one is never met with that.
      breakpoints: [at(87, { hitCondition: '>= 3' }), at(STORE_LINE, { condition: '$r12 == 0' })],
    });
  });
  expect(await client.stopped()).toMatchObject({ reason: 'breakpoint', threadId: 101 });
  const registers = await client.scope((await client.top(101)).id, 'Registers');
  expect(BigInt(registers.get('rcx')!.value)).toBe(100_000_000n - 2n);
});

test("a caller's registers are those that are known of it", async () => {
  const client = new Client();
  await client.launch(fixturePath('write_fault'));
  await client.stopped();
  await client.request('setExceptionBreakpoints', { filters: [] });
  const evaluated = { expression: '&print_number_rax', context: 'watch' };
  const { memoryReference } = await client.request<{ memoryReference: string }>('evaluate', evaluated);
  await client.request('setInstructionBreakpoints', { breakpoints: [{ instructionReference: memoryReference }] });
  const { threadId } = await client.move('continue', { threadId: 100 });
  const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId });
  expect(stackFrames.length).toBeGreaterThan(1);
  const [inner, outer] = [
    await client.scope(stackFrames[0].id, 'Registers'),
    await client.scope(stackFrames[1].id, 'Registers'),
  ];
  expect(outer.get('rip')?.value).toContain(stackFrames[1].instructionPointerReference!.slice(2));
  // The call has put its return address there.
  expect(BigInt(outer.get('rsp')!.value)).toBe(BigInt(inner.get('rsp')!.value) + 8n);
});

test('sources are where the guest has them of the host, else as the compiler called them, else beside us', () => {
  const launch = (more: object) => parseLaunch(new Arguments({ program: 'x', ...more }));
  const asm = dirname(SOURCE);
  expect(HOST.findSource(SOURCE, launch({}))).toBe(SOURCE);
  expect(HOST.findSource('/shared_memory_demo.asm', launch({ root: asm }))).toBe(SOURCE);
  expect(HOST.findSource('/src/shared_memory_demo.asm', launch({ mounts: [`${asm}:/src`] }))).toBe(SOURCE);
  expect(HOST.findSource('/srcs/shared_memory_demo.asm', launch({ mounts: [`${asm}:/src`] }))).toBeUndefined();
  // A directory is no source.
  expect(HOST.findSource(asm, launch({}))).toBeUndefined();
});

describe('a program that never ends', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'pml4-dap-')), 'endless');
  // inc rax; jmp back; and behind it what it never comes to.
  writeFileSync(path, twoSegments(new Uint8Array([0x48, 0xff, 0xc0, 0xeb, 0xfb, 0x90])));
  afterAll(() => rmSync(dirname(path), { recursive: true }));

  test('is paused; breakpoints can be set while it runs; it can be ended', async () => {
    const client = new Client();
    await client.launch(path, { stopOnEntry: false });
    expect(await client.move('pause', { threadId: 100 })).toMatchObject({ reason: 'pause', threadId: 100 });
    await client.request('continue', { threadId: 100 });
    const set = (instructionReference: string) =>
      client.request('setInstructionBreakpoints', { breakpoints: [{ instructionReference }] });
    expect(await set('0x401005')).toMatchObject({ breakpoints: [{ verified: true }] });
    // It goes on, and nobody was told of a stop.
    expect(client.messages.filter((message) => 'event' in message && message.event === 'stopped')).toHaveLength(1);
    expect(await client.request('threads')).toEqual({ threads: [{ id: 100, name: 'endless 100' }] });
    expect(await set('0x401003')).toMatchObject({ breakpoints: [{ verified: true }] });
    expect(await client.stopped()).toMatchObject({ reason: 'breakpoint' });
    await client.request('setInstructionBreakpoints', { breakpoints: [] });
    // A command of the console is a run, too.
    const command = client.request('evaluate', { expression: 'continue', context: 'repl' });
    await client.request('pause', { threadId: 100 });
    expect(await command).toMatchObject({ result: expect.stringContaining('Continuing.') });
    expect(await client.stopped()).toMatchObject({ reason: 'pause' });
    await client.request('continue', { threadId: 100 });
    await client.request('terminate');
    await client.event('terminated');
    await client.request('disconnect');
    expect(client.isClosed).toBe(true);
  });
});

describe('a program that reads', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'pml4-dap-')), 'echo');
  // read(0, 0x402000, 16); write(1, 0x402000, what came); exit(0)
  const code = '31c0 31ff be00204000 ba10000000 0f05 89c2 b801000000 bf01000000 0f05 b83c000000 31ff 0f05';
  writeFileSync(path, twoSegments(Uint8Array.from(Buffer.from(code.replaceAll(' ', ''), 'hex'))));
  afterAll(() => rmSync(dirname(path), { recursive: true }));

  test('gets what the launch gives', async () => {
    const client = new Client();
    await client.launch(path, { stopOnEntry: false, stdin: 'hello' });
    await client.event('terminated');
    expect(client.output('stdout')).toBe('hello');
  });

  test('is given a text when it waits for one; back before that, another one', async () => {
    const client = new Client();
    await client.launch(path, { stopOnEntry: false, stopAtEnd: true });
    expect((await client.stopped()).description).toMatch(/^The program waits for input/);
    await client.request('evaluate', { expression: 'input first', context: 'repl' });
    await client.move('continue', { threadId: 100 });
    expect(client.output('stdout')).toBe('first\n');
  });
});

test('quit in the console ends the session', async () => {
  const client = new Client();
  await client.launch(fixturePath('demand_zero'));
  await client.stopped();
  await client.request('evaluate', { expression: 'quit', context: 'repl' });
  await client.event('terminated');
});

test('a launch without debugging stops nowhere', async () => {
  const client = new Client();
  await client.launch(fixturePath('shm_demo'), { noDebug: true }, async () => {
    await breakAt(client, STORE_LINE);
    await client.request('setExceptionBreakpoints', { filters: ['signal', 'fork', 'exit'] });
  });
  expect(await client.event('exited')).toEqual({ exitCode: 0 });
  expect(client.messages.filter((message) => 'event' in message && message.event === 'stopped')).toEqual([]);
});

test("follow: only the child's breakpoints count", async () => {
  const client = new Client();
  await client.launch(fixturePath('shm_demo'), { stopOnEntry: false, follow: 'child' }, async () => {
    await breakAt(client, STORE_LINE, LOAD_LINE);
  });
  expect(await client.stopped()).toMatchObject({ reason: 'breakpoint', threadId: 101 });
});

test('a signal that kills is a stop before it is delivered; one can go back from there', async () => {
  const client = new Client();
  await client.launch(fixturePath('write_to_text'), { stopOnEntry: false }, async () => {
    await client.request('setExceptionBreakpoints', { filters: ['signal'] });
  });
  expect(await client.stopped()).toMatchObject({ reason: 'exception', text: expect.stringContaining('SIGSEGV') });
  expect(await client.request('exceptionInfo', { threadId: 100 })).toMatchObject({ exceptionId: 'SIGSEGV' });
  expect(await client.move('stepBack', { threadId: 100, granularity: 'instruction' })).toMatchObject({
    reason: 'step',
  });
});

test('code without a source is a listing, with breakpoints in it', async () => {
  const client = new Client();
  await client.launch(fixturePath('process_shared_mutex'));
  await client.stopped();
  const top = await client.top(100);
  expect(top.source).toMatchObject({ origin: 'disassembly', sourceReference: 1 });
  const { content } = await client.request<{ content: string }>('source', { sourceReference: 1 });
  const lines = content.split('\n');
  expect(lines[top.line - 1]).toContain(top.instructionPointerReference!);
  const set = await client.request<DebugProtocol.SetBreakpointsResponse['body']>('setBreakpoints', {
    source: { sourceReference: 1 },
    breakpoints: [{ line: top.line + 2 }],
  });
  expect(set.breakpoints).toMatchObject([{ verified: true }]);
  await client.move('continue', { threadId: 100 });
  expect((await client.top(100)).line).toBe(top.line + 2);
});

test('the extension for VS Code knows every option of a launch', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../editors/vscode/package.json', import.meta.url), 'utf8'));
  const { properties } = manifest.contributes.debuggers[0].configurationAttributes.launch;
  const launch = parseLaunch(new Arguments({ program: 'x' }));
  expect(Object.keys(properties).sort()).toEqual(
    Object.keys(launch)
      .filter((name) => name !== 'noDebug')
      .sort(),
  );
});
