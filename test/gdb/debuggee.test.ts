/** Packets on the debugger's engine: what runs, stops, goes back and is changed. Numbers are those of the demo's code. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../src/debug/engine.ts';
import { bytesOfText, hexOfString, textOfBytes } from '../../src/gdb/bytes.ts';
import type { StartRequest } from '../../src/gdb/debuggee.ts';
import { EngineDebuggee } from '../../src/gdb/engine-debuggee.ts';
import { monitor } from '../../src/gdb/monitor.ts';
import { GdbServer } from '../../src/gdb/server.ts';
import { Session } from '../../src/gdb/session.ts';
import { SpareMemory } from '../../src/mem/frames.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const OFFERS = 'qSupported:multiprocess+;swbreak+;hwbreak+;fork-events+;vfork-events+;exec-events+';
/** After fork(2), where parent and child part; the store to the shared page; the child's loop. */
const AFTER_FORK = '5110400000000000';

/** Memory of machines that have been killed: each takes a large part of the address space. */
const SPARE = new SpareMemory();

let session: Session;
let printed: string;
let reports: string[];
let requests: StartRequest[];
const ask = (body: string) => session.answer(body);

async function open(name: string, offers = OFFERS): Promise<void> {
  printed = '';
  reports = [];
  requests = [];
  const debuggee = new EngineDebuggee({
    async open(request) {
      requests.push(request);
      const engine = await Engine.open({
        program: readFileSync(fixturePath(name)),
        path: name,
        machine: { spare: SPARE },
      });
      engine.output.onWritten = ({ bytes }) => {
        printed += textOfBytes(bytes);
      };
      return engine;
    },
    input: async () => new Uint8Array(0),
    report: (message) => reports.push(message),
    monitor,
  });
  await debuggee.prepare();
  session = new Session({ debuggee, write: () => {}, report: (message) => reports.push(message) });
  await ask(offers);
}

describe('the demo', () => {
  beforeEach(() => open('shm_demo'));

  test('to its end, without a client that knows of forks', async () => {
    await open('shm_demo', 'qSupported:multiprocess+');
    expect(await ask('vCont;c')).toBe('W00;process:64');
    expect(printed).toContain('Parent wrote');
  });

  test('a fork is told, and a child that is detached from goes on by itself', async () => {
    expect(await ask('vCont;c')).toMatch(new RegExp(`^T05fork:p65.65;.*;10:${AFTER_FORK};thread:p64.64;core:0;$`));
    expect(await ask('qfThreadInfo')).toBe('mp64.64,p65.65');
    expect([await ask('D;65'), await ask('D;65'), await ask('qfThreadInfo')]).toEqual(['OK', 'E01', 'mp64.64']);
    expect(await ask('vCont;c:p64.-1')).toBe('W00;process:64');
    expect(printed).toBe('Parent wrote: 0xDEADBEEF\nChild read: 0x????????????????\n');
    expect([await ask('?'), await ask('qfThreadInfo'), await ask('g')]).toEqual(['W00;process:64', 'l', 'E01']);
  });

  test('the child has the points of its parent until they are taken away', async () => {
    await ask('Z0,4010b5,1');
    await ask('vCont;c');
    expect(await ask('vCont;c')).toMatch(/^T05swbreak:;.*;10:b510400000000000;thread:p65.65;/);
    await ask('Hgp65.65');
    await ask('z0,4010b5,1');
    expect(await ask('vCont;c')).toBe('W01;process:65');
    expect(await ask('vCont;c')).toBe('W00;process:64');
  });

  test('backwards to a breakpoint, and to where the history begins', async () => {
    await ask('vCont;c');
    await ask('Z0,401008,1');
    expect(await ask('bc')).toMatch(/^T05swbreak:;.*;10:0810400000000000;/);
    expect(await ask('bs')).toMatch(/^T05.*;10:0510400000000000;/);
    expect(await ask('bc')).toMatch(/^T05replaylog:begin;.*;10:0010400000000000;/);
    expect(await ask('vCont;s:p64.64')).toMatch(/^T05.*;10:0510400000000000;/);
  });

  test('backwards from the child alone: its history begins with its birth', async () => {
    await ask('vCont;c');
    await ask('D;64');
    await ask('Hgp65.65');
    await ask('vCont;s:p65.65');
    expect(await ask('bc')).toMatch(new RegExp(`^T05replaylog:begin;.*;10:${AFTER_FORK};thread:p65.65;`));
    expect(await ask('vCont;s:p65.65')).toMatch(/^T05.*;10:5410400000000000;thread:p65.65;/);
  });

  test('a call stops at its entry, before it is run, and at its return', async () => {
    await ask('QCatchSyscalls:1;1');
    await ask('vCont;c');
    await ask('D;65');
    expect(await ask('vCont;c')).toMatch(/^T05syscall_entry:1;.*;10:8510400000000000;/);
    expect([printed, await ask('p39')]).toEqual(['', '0100000000000000']);
    expect(await ask('vCont;c')).toMatch(/^T05syscall_return:1;.*;10:8510400000000000;/);
    expect([printed, await ask('p0')]).toEqual(['Parent wrote: 0xDEADBEEF\n', '1900000000000000']);
    await ask('QCatchSyscalls:0');
    expect(await ask('vCont;c')).toBe('W00;process:64');
  });

  test('a step over a range of addresses', async () => {
    expect(await ask('vCont;r401000,401012:p64.64')).toMatch(/^T05.*;10:1210400000000000;/);
  });

  test('watchpoints, and the store that is seen', async () => {
    await ask('Z2,402038,8');
    expect(await ask('vCont;c')).toMatch(/^T05watch:402038;/);
    const after = await ask('m402038,8');
    expect(await ask('bc')).toMatch(/^T05watch:402038;|^T05replaylog/);
    expect(await ask('m402038,8')).not.toBe(after);
  });

  test('what is changed is part of the run: it is there again after going back and forth', async () => {
    await ask('vCont;s');
    expect([await ask('M402000,2:4142'), await ask('P1=0700000000000000')]).toEqual(['OK', 'OK']);
    expect([await ask('m402000,2'), await ask('p1')]).toEqual(['4142', '0700000000000000']);
    await ask('bs');
    expect([await ask('m402000,2'), await ask('p1')]).toEqual(['5061', '0000000000000000']);
    await ask('vCont;s');
    expect([await ask('m402000,2'), await ask('p1')]).toEqual(['4142', '0700000000000000']);
    await ask('vCont;c');
    await ask('D;65');
    await ask('vCont;c');
    expect(printed).toMatch(/^ABrent wrote/);
  });

  test('code can be changed where the program could not, and what is not there cannot', async () => {
    expect(await ask('M401000,1:90')).toBe('OK');
    expect(await ask('m401000,1')).toBe('90');
    expect(await ask('M10,1:90')).toBe('E.memory at 0x10 cannot be changed');
    expect(await ask('P12=34000000')).toBe('E.cs cannot be changed');
    expect(await ask('P12=33000000')).toBe('OK');
  });

  test('killed, and run again', async () => {
    await ask('vCont;s');
    expect([await ask('vKill;64'), await ask('?'), await ask('vKill;64')]).toEqual(['OK', 'W00', 'E01']);
    await ask(`QEnvironmentHexEncoded:${hexOfString('A=b')}`);
    expect(await ask(`vRun;;${hexOfString('one two')}`)).toMatch(/^T05.*;10:0010400000000000;thread:p64.64;/);
    expect(requests.at(-1)).toMatchObject({ file: undefined, args: ['one two'], environment: new Map([['A', 'b']]) });
  });

  test('one of two processes is killed', async () => {
    await ask('vCont;c');
    expect(await ask('vKill;65')).toBe('OK');
    expect(await ask('vCont;c')).toBe('W00;process:64');
    expect(printed).toBe('Parent wrote: 0xDEADBEEF\n');
  });

  test('who was detached from can be attached to', async () => {
    await ask('vCont;c');
    await ask('D;65');
    expect(await ask('vAttach;65')).toMatch(/^T00.*;thread:p65.65;/);
    expect([await ask('Hgp0.0'), await ask('qC'), await ask('qAttached:65')]).toEqual(['OK', 'QCp65.65', '1']);
    expect(await ask('vAttach;99')).toBe('E01');
    expect(await ask('D')).toBe('OK');
    await expect.poll(() => printed).toContain('Child read');
  });

  test('Ctrl-C stops a loop that would never end, also where a breakpoint has been', async () => {
    await ask('Z0,4010ba,1');
    await ask('vCont;c');
    expect(await ask('vCont;c')).toMatch(/^T05swbreak:;.*thread:p65.65;/);
    await ask('z0,4010ba,1');
    await ask('P2=ffffffffffffffff');
    const running = session.receive(bytesOfText('$vCont;c:p65.-1#49'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await session.receive(bytesOfText('\x03'));
    await running;
    expect(await ask('?')).toMatch(/^T02.*;thread:p65.65;/);
  });

  test('a client that goes while the program runs stops it for the next one', async () => {
    await ask('Z0,4010ba,1');
    await ask('vCont;c');
    await ask('vCont;c');
    await ask('z0,4010ba,1');
    await ask('P2=ffffffffffffffff');
    const server = new GdbServer(session.debuggee, (message) => reports.push(message));
    const connect = () => {
      const got: string[] = [];
      const client = server.connect({ write: (bytes) => got.push(textOfBytes(bytes)), end: () => {} })!;
      return { got, client };
    };
    const first = connect();
    first.client.receive(bytesOfText('$vCont;c:p65.-1#49'));
    await expect.poll(() => first.got).toEqual(['+']);
    first.client.closed();
    // What has come and was not begun is not begun any more.
    const hasty = connect();
    hasty.client.receive(bytesOfText('$vCont;c:p65.-1#49'));
    hasty.client.closed();
    const second = connect();
    second.client.receive(bytesOfText('$?#3f'));
    await expect.poll(() => second.got).toEqual(['+', expect.stringMatching(/^\$T02/)]);
    expect(first.got).toEqual(['+']);
  });
});

describe('monitor', () => {
  let answers: string;
  async function say(line: string): Promise<string> {
    answers = '';
    session.print = (text) => {
      answers += text;
    };
    expect(await ask(`qRcmd,${hexOfString(line)}`)).toBe('OK');
    return answers;
  }
  beforeEach(() => open('shm_demo'));

  test('commands that gdb has no words for', async () => {
    await ask('vCont;c');
    expect(await say('walk 0x402000')).toMatch(/^ *pid 100 .*pid 101 [\s\S]*PT {2}\[ {2}2\].*COW[\s\S]*2 mappings/);
    expect(await say('who-wrote &shared_page')).toMatch(/^process 100, its own store: _start/);
    expect(await say('timeline')).toContain('fork: process 101');
    expect(await say('help')).toContain('monitor walk ADDRESS');
    expect(await say('help walk')).toContain('Usage: walk ADDRESS');
    expect(await say('nonsense')).toBe('Undefined command: "nonsense".  Try "help".\n');
  });

  test('what gdb has to know of is left to gdb', async () => {
    expect(await say('stepi')).toBe("stepi: gdb would not know of it; use gdb's own command.\n");
    expect(await say('break 1')).toContain('use gdb');
    expect(await ask('p10')).toBe('0010400000000000');
  });

  test('another moment is gone to when gdb goes on', async () => {
    await ask('vCont;c');
    expect(await say('goto 3')).toBe("gdb's next stepi or continue leads there.\n");
    expect(await ask('p10')).toBe(AFTER_FORK);
    expect(await ask('vCont;s:p64.64')).toMatch(/^T05.*;10:0d10400000000000;thread:p64.64;/);
    await say('goto bookmark 7');
    expect(await ask('vCont;c')).toMatch(/^T05.*;10:0d10400000000000;/);
    expect(reports).toEqual(['No bookmark 7.']);
  });
});

describe('signals', () => {
  test('one that kills is told before it does', async () => {
    await open('use_after_munmap');
    const stop = await ask('vCont;c');
    expect(stop).toMatch(/^T0b/);
    expect((await ask('qXfer:siginfo:read::0,80'))!.slice(1, 5)).toBe('\x0b\0\0\0');
    expect(await ask('vCont;C0b:p64.64')).toBe('X0b;process:64');
  });

  test('one that is not passed on is forgotten: the access faults again', async () => {
    await open('use_after_munmap');
    const first = await ask('vCont;c');
    expect(await ask('vCont;c')).toBe(first);
  });

  test('one can be sent', async () => {
    await open('shm_demo');
    await ask('vCont;s');
    expect(await ask('vCont;C1e')).toBe('X1e;process:64');
  });
});

test('looking at files of the host leaves the machine as it was', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-gdb-files-'));
  try {
    mkdirSync(join(dir, 'lib'));
    writeFileSync(join(dir, 'lib', 'one'), 'some text');
    writeFileSync(join(dir, 'program'), readFileSync(fixturePath('shm_demo')), { mode: 0o755 });
    const engine = await Engine.open({ program: undefined, path: '/program', machine: { root: dir } });
    const debuggee = new EngineDebuggee({
      open: async () => engine,
      input: async () => new Uint8Array(0),
      report: () => {},
      monitor,
    });
    await debuggee.prepare();
    session = new Session({ debuggee, write: () => {}, report: () => {} });
    await ask('vCont;s');
    const before = engine.history.fingerprint();
    expect(await ask(`vFile:open:${hexOfString('/lib/one')},0,0`)).toBe('F3');
    expect(await ask('vFile:pread:3,100,0')).toBe('F9;some text');
    expect(await ask(`vFile:open:${hexOfString('/program')},0,0`)).toBe('F4');
    expect(await ask(`vFile:open:${hexOfString('/lib/two')},0,0`)).toBe('F-1,2');
    expect(await ask(`vFile:open:${hexOfString('/proc/100/smaps')},0,0`)).toBe('F5');
    expect(engine.history.fingerprint()).toBe(before);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('another program, and the parent that waits for it', async () => {
  await open('vfork');
  const stops: string[] = [];
  while (stops.length < 20 && !stops.at(-1)?.endsWith('process:64'))
    stops.push((await ask('vCont;c'))!.replace(/;.*thread:/, ' ').replace(/;core:0;/, ''));
  expect(stops).toEqual(['T05vfork:p65.65 p64.64', 'W05;process:65', 'T05vforkdone: p64.64', 'W00;process:64']);
});

test('any bytes behind any packet that makes the program go on, or go', async () => {
  // Its processes wait asleep, whatever signals come.
  await open('vfork');
  const names = [
    'vCont;',
    'vCont',
    'c',
    's',
    'C',
    'S',
    'bc',
    'bs',
    'D',
    'k',
    'R',
    'vRun',
    'vKill',
    'vAttach',
    'Z',
    'z',
    'M',
    'P',
    'G',
  ];
  const tail = fc.oneof(
    fc.stringMatching(/^[;:,]?[csrSCt\da-f.p:;,=-]{0,8}$/),
    fc.constantFrom('c', 's', 's:p64.64', ';64', '0,401000,1'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...names), tail), { maxLength: 6 }), async (packets) => {
      for (const [name, args] of packets) expect((await ask(name + args)) ?? '').not.toMatch(/^E\.internal/);
      if ((await ask('qfThreadInfo')) === 'l') await ask('vRun;');
    }),
    { numRuns: 60 },
  );
  expect(reports.filter((message) => message.includes('internal'))).toEqual([]);
});

test('any bytes on the line, in any pieces: the next packet is answered, and the next client served', async () => {
  await open('vfork');
  const { debuggee } = session;
  const messages: string[] = [];
  const server = new GdbServer(debuggee, (message) => messages.push(message));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map(textOfBytes),
    fc.constantFrom(
      '$',
      '#',
      '}',
      '*',
      '+',
      '-',
      '\x03',
      '$#00',
      '$?#3f',
      '$QStartNoAckMode#b0',
      '$g#67',
      '$vCont;c#a8',
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      let got = '';
      const line = { write: (bytes: Uint8Array) => void (got += textOfBytes(bytes)), end: () => {} };
      const client = server.connect(line)!;
      try {
        for (const one of pieces) client.receive(bytesOfText(one));
        // The end of a packet that may have been begun, then one that is whole.
        client.receive(bytesOfText('#00$vMustReplyEmpty#3a'));
        await expect.poll(() => got, { interval: 2, timeout: 20_000 }).toMatch(/\$#00$/);
      } finally {
        client.closed();
      }
    }),
    { numRuns: 100 },
  );
  expect(messages.filter((message) => message.includes('internal'))).toEqual([]);
});
