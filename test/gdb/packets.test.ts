/**
 * Packets on a real machine that stands at the start of the demo: what a client that speaks the protocol gets. Numbers are
 * those that gdb 13.1 and gdbserver 13.1 have exchanged about the same program, where they are not the machine's own.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { bytesOfText, hexOfString, textOfBytes } from '../../src/gdb/bytes.ts';
import { decodePacket, encodePacket } from '../../src/gdb/framing.ts';
import { PacketTable, packet } from '../../src/gdb/packets/define.ts';
import { PACKET_TABLE } from '../../src/gdb/packets/index.ts';
import { REGISTERS } from '../../src/gdb/registers.ts';
import { GdbServer } from '../../src/gdb/server.ts';
import { Session } from '../../src/gdb/session.ts';
import { fixturePath } from '../helpers/fixtures.ts';
import { PlainDebuggee } from './plain-debuggee.ts';

const DEMO = fixturePath('shm_demo');
/** `_start`, where the program begins. */
const ENTRY = '0010400000000000';

let debuggee: PlainDebuggee;
let session: Session;
let sent: string[];
const ask = (body: string) => session.answer(body);

beforeEach(async () => {
  debuggee = await PlainDebuggee.open(DEMO);
  sent = [];
  session = new Session({
    debuggee,
    write: (bytes) => sent.push(textOfBytes(bytes)),
    report: (message) => sent.push(message),
  });
});

describe('the first words', () => {
  test('acknowledgements end when both sides want it', async () => {
    await session.receive(bytesOfText('+$QStartNoAckMode#b0'));
    await session.receive(bytesOfText('$!#21$vMustReplyEmpty#00'));
    expect(sent).toEqual(['+', '$OK#9a', '$OK#9a', '$#00']);
    expect(session.isExtended).toBe(true);
  });

  test('a damaged packet is asked for again, and the last answer sent again', async () => {
    await session.receive(bytesOfText('$!#00'));
    await session.receive(bytesOfText('$!#21-'));
    expect(sent).toEqual(['-', '+', '$OK#9a', '$OK#9a']);
  });

  test('qSupported', async () => {
    expect(await ask('qSupported:multiprocess+;swbreak+;xmlRegisters=i386')).toMatch(
      /^PacketSize=3fff;.*;multiprocess\+;/,
    );
    expect(debuggee.offered).toEqual(['multiprocess', 'swbreak']);
  });

  test.each([
    'qTStatus',
    'qOffsets',
    'vNoSuch',
    'yy',
    'Z9,0,0',
    '',
    'qL1',
    'QNonStop:1',
    'qXfer:btrace:read::0,10',
    '\x00',
  ])('%j is not there', async (body) => {
    expect(await ask(body)).toBe('');
  });
});

describe('threads', () => {
  test('there is one', async () => {
    expect(await ask('?')).toMatch(new RegExp(`^T0506:0{16};07:..e.ffffff7f0000;10:${ENTRY};thread:p64.64;core:0;$`));
    expect(await ask('qC')).toBe('QCp64.64');
    expect([await ask('qfThreadInfo'), await ask('qsThreadInfo')]).toEqual(['mp64.64', 'l']);
    expect(await ask('qXfer:threads:read::0,1000')).toContain('<thread id="p64.64" core="0" name="shm_demo">');
    expect([await ask('Tp64.64'), await ask('Tp65.65')]).toEqual(['OK', 'E01']);
    expect([await ask('Hgp0.0'), await ask('Hgp64.64'), await ask('Hgp65.65'), await ask('Hc-1')]).toEqual([
      'OK',
      'OK',
      'E01',
      'OK',
    ]);
    expect(await ask('qAttached:64')).toBe('0');
  });
});

describe('registers', () => {
  test('g has all of them, one after the other as the description says', async () => {
    const all = (await ask('g'))!;
    expect(all.length).toBe((REGISTERS.reduce((sum, { bits }) => sum + bits, 0) / 8) * 2);
    // As gdbserver's, without its AVX-512 and protection keys.
    expect(REGISTERS.slice(0, 60).map(({ name }) => name)).toEqual([
      ...[
        'rax',
        'rbx',
        'rcx',
        'rdx',
        'rsi',
        'rdi',
        'rbp',
        'rsp',
        'r8',
        'r9',
        'r10',
        'r11',
        'r12',
        'r13',
        'r14',
        'r15',
        'rip',
      ],
      ...['eflags', 'cs', 'ss', 'ds', 'es', 'fs', 'gs', 'st0', 'st1', 'st2', 'st3', 'st4', 'st5', 'st6', 'st7'],
      ...['fctrl', 'fstat', 'ftag', 'fiseg', 'fioff', 'foseg', 'fooff', 'fop'],
      ...Array.from({ length: 16 }, (_, n) => `xmm${n}`),
      ...['mxcsr', 'orig_rax', 'fs_base', 'gs_base'],
    ]);
    expect(all.slice(16 * 16, 16 * 16 + 16)).toBe(ENTRY);
    expect([await ask('p10'), await ask('p11'), await ask('p12')]).toEqual([ENTRY, '02020000', '33000000']);
    expect(await ask('p99')).toBe('E01');
  });

  test('the description names each once', async () => {
    const first = (await ask('qXfer:features:read:target.xml:0,1000'))!;
    const rest = (await ask('qXfer:features:read:target.xml:1000,3000'))!;
    expect([first[0], first.length, rest[0]]).toEqual(['m', 0x1001, 'l']);
    const xml = first.slice(1) + rest.slice(1);
    const numbers = [...xml.matchAll(/<reg name="(\w+)" bitsize="(\d+)" type="\w+" regnum="(\d+)"/g)];
    expect(numbers.map(([, name]) => name).sort()).toEqual(REGISTERS.map(({ name }) => name).sort());
    for (const [, name, bits, number] of numbers)
      expect(REGISTERS[Number(number)]).toMatchObject({ name, bits: Number(bits) });
    expect(await ask('qXfer:features:read:other.xml:0,1000')).toBe('E01');
    expect(await ask(`qXfer:features:read:target.xml:${xml.length.toString(16)},10`)).toBe('l');
    expect(await ask('qXfer:features:read:target.xml:fffff,10')).toBe('E01');
  });

  test('a refusal says why', async () => {
    expect(await ask('P0=0100000000000000')).toBe('E.registers cannot be changed here');
    expect(await ask('P0=01')).toBe('E01');
    expect(await ask('G00')).toBe('E01');
  });
});

describe('memory', () => {
  test('m, and x in binary', async () => {
    expect(await ask('m401000,5')).toBe('b809000000');
    expect(await ask('x401000,5')).toBe('b\xb8\x09\0\0\0');
    expect(await ask('m402000,8')).toBe('506172656e742077');
  });
  test('what comes before the first byte that is not there', async () => {
    expect(await ask('m402ffe,8')).toBe('0000');
    expect([await ask('m0,8'), await ask('x0,8'), await ask('mffffffffffffffff,8')]).toEqual(['E01', 'E01', 'E01']);
    expect([await ask('m401000,0'), await ask('m401000')]).toEqual(['', 'E01']);
  });
  test('a long answer is cut', async () => {
    expect((await ask('m7ffffffde000,ffffff'))!.length).toBe(0x3ffe);
    const sentLength = encodePacket((await ask('x401000,ffffff'))!).length;
    expect(sentLength).toBeLessThanOrEqual(0x3fff + 4);
  });
  test('search and checksum', async () => {
    expect(await ask('qSearch:memory:402000;39;Child')).toBe('1,402019');
    expect(await ask('qSearch:memory:402000;39;Nobody')).toBe('0');
    // What `compare-sections` of gdb has computed from the file, too.
    expect([await ask('qCRC:401000,109'), await ask('qCRC:402000,38')]).toEqual(['C353373c4', 'C41f14acb']);
    expect(await ask('qCRC:0,109')).toBe('E01');
  });
  test('writing is the debuggee’s to refuse', async () => {
    expect(await ask('M402000,2:0102')).toBe('E.memory cannot be changed here');
    expect(await ask('X402000,2:\x01#')).toBe('E.memory cannot be changed here');
    expect([await ask('X402000,0:'), await ask('M402000,2:01'), await ask('X402000,2:')]).toEqual(['OK', 'E01', 'E01']);
    expect(debuggee.changes).toEqual(['402000: 1,2', '402000: 1,35']);
  });
});

describe('files of the guest', () => {
  const open = (path: string) => ask(`vFile:open:${hexOfString(path)},0,1c0`);

  test('/proc of a process, as the kernel itself writes it', async () => {
    expect(await ask('vFile:setfs:0')).toBe('F0');
    expect(await open('/proc/100/task/100/maps')).toBe('F3');
    const text = (await ask('vFile:pread:3,3fff,0'))!;
    expect(text).toMatch(/^F[\da-f]+;00400000-00401000 r--p 00000000 /);
    expect(await ask('vFile:pread:3,3fff,ffff')).toBe('F0;');
    expect([await ask('vFile:close:3'), await ask('vFile:close:3'), await ask('vFile:pread:3,1,0')]).toEqual([
      'F0',
      'F-1,9',
      'F-1,9',
    ]);
    expect(await ask(`vFile:readlink:${hexOfString('/proc/100/exe')}`)).toBe(`F${DEMO.length.toString(16)};${DEMO}`);
  });

  test('the program', async () => {
    expect(await open(DEMO)).toBe('F3');
    expect(await ask('vFile:pread:3,4,0')).toBe('F4;\x7fELF');
    const stat = (await ask('vFile:fstat:3'))!;
    expect(stat.length).toBe('F40;'.length + 64);
    // S_IFREG and the permissions that it was given.
    expect(stat.slice(4 + 8, 4 + 12)).toBe('\0\0\x81\xed');
    expect(await ask(`vFile:stat:${hexOfString(DEMO)}`)).toBe(stat);
  });

  test('what cannot be had', async () => {
    expect([await open('/nothing'), await open('/tmp'), await open('/proc/4/maps')]).toEqual([
      'F-1,2',
      'F-1,15',
      'F-1,2',
    ]);
    expect(await ask(`vFile:open:${hexOfString(DEMO)},1,1c0`)).toBe('F-1,1e');
    expect([await ask('vFile:unlink:2f'), await ask('vFile:none:2f'), await ask('vFile:open')]).toEqual([
      'F-1,1e',
      '',
      'E01',
    ]);
  });

  test('looking changes nothing in the machine', async () => {
    const { frames } = debuggee.machine;
    const before = frames.inUse();
    for (const path of [DEMO, '/proc/100/smaps', '/proc/100/status', '/etc/passwd']) await open(path);
    expect(frames.inUse()).toBe(before);
  });

  test('no more than a client needs are open at once', async () => {
    const handles = [];
    for (let i = 0; i < 70; i++) handles.push(await open(DEMO));
    expect(handles.slice(62)).toEqual(['F41', 'F42', ...Array(6).fill('F-1,18')]);
  });
});

describe('what the system tells', () => {
  test('auxv, exec-file, siginfo, osdata', async () => {
    expect((await ask('qXfer:auxv:read::0,1000'))!.slice(0, 2)).toBe('l\x33');
    expect(await ask('qXfer:exec-file:read:64:0,1000')).toBe(`l${DEMO}`);
    expect(await ask('qXfer:exec-file:read:65:0,1000')).toBe('E01');
    expect((await ask('qXfer:siginfo:read::0,1000'))!.length).toBe(129);
    expect(await ask('qXfer:osdata:read:processes:0,1000')).toContain('<column name="pid">100</column>');
    expect(await ask('qXfer:osdata:read:nothing:0,1000')).toBe('E01');
  });
});

describe('going on', () => {
  test('a step, a breakpoint, the end', async () => {
    expect(await ask('vCont?')).toBe('vCont;c;C;s;S;t;r');
    expect(await ask('vCont;s:p64.64;c:p64.-1')).toContain(';10:0510400000000000;thread:p64.64;');
    expect(await ask('Z0,401051,1')).toBe('OK');
    expect(await ask('Z0,401051,1')).toBe('OK');
    expect(debuggee.inserted).toHaveLength(1);
    expect(await ask('vCont;c')).toMatch(/^T05swbreak:;.*;10:5110400000000000;/);
    expect(await ask('z0,401051,1')).toBe('OK');
    expect(debuggee.inserted).toHaveLength(0);
  });

  test.each([
    'vCont',
    'vCont;',
    'vCont;x',
    'vCont;Cff',
    'vCont;r1',
    'vCont;s:p',
    'C',
    'Sff',
    'c401000',
    's401000',
    'C01;401000',
  ])('%s is a mistake', async (body) => {
    expect(await ask(body)).toBe('E01');
  });
});

describe('the table', () => {
  test('refuses two packets of one name', () => {
    const one = packet({ name: 'm', run: () => '' });
    expect(() => new PacketTable([one, one])).toThrow('two packets are called m');
  });

  test('any bytes behind any name get an answer, and the server lives', async () => {
    // Going on is tried with the engine (debuggee.test.ts): here it takes instructions one by one.
    const names = [...PACKET_TABLE.names.filter((name) => !/^(?:vCont|[csCS]|b[cs])$/.test(name)), 'q', 'Q', 'v', ''];
    const tail = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map(textOfBytes),
      fc.stringMatching(/^[:;,]?[\da-fp.:;,=-]{0,20}$/),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), tail, async (name, args) => {
        const answer = await ask(name + args);
        expect(answer === undefined || !answer.startsWith('E.internal')).toBe(true);
        if (answer !== undefined) expect(decodePacket(encodePacket(answer))).toBe(answer);
      }),
      { numRuns: 2000 },
    );
    await ask('Hgp64.64');
    expect(sent.filter((message) => message.includes('internal'))).toEqual([]);
  });
});

describe('the server', () => {
  test('serves one client at a time, and the next one finds the program where it was', async () => {
    const messages: string[] = [];
    const server = new GdbServer(debuggee, (message) => messages.push(message));
    const connect = () => {
      const got: string[] = [];
      const client = server.connect({ write: (bytes) => got.push(textOfBytes(bytes)), end: () => got.push('end') });
      return { got, client };
    };
    const first = connect();
    expect(connect()).toEqual({ got: ['end'], client: undefined });
    first.client!.receive(bytesOfText('$vCont;s#b8'));
    await expect.poll(() => first.got.length).toBe(2);
    first.client!.closed();
    const second = connect();
    second.client!.receive(bytesOfText('$?#3f'));
    await expect.poll(() => second.got.length).toBe(2);
    expect(second.got[1]).toBe(first.got[1]);
  });
});
