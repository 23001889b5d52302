/** Unicorn's API: what its documentation says, and what differs on purpose. */
import { describe, expect, test } from 'vitest';
import * as uc from '../../src/unicorn/unicorn.ts';
import { Unicorn, UnicornError } from '../../src/unicorn/unicorn.ts';

const CODE = 0x1000n;
const DATA = 0x8000n;
const STACK = 0x20_0000n;
const { UC_X86_REG_RAX: RAX, UC_X86_REG_RBX: RBX, UC_X86_REG_RCX: RCX, UC_X86_REG_RDX: RDX } = uc;
const { UC_X86_REG_RIP: RIP, UC_X86_REG_RSP: RSP, UC_X86_REG_RDI: RDI, UC_X86_REG_RSI: RSI } = uc;

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** An engine with code at CODE, a page of data and a stack. */
function engineWith(hex: string): { engine: Unicorn; end: bigint } {
  const engine = new Unicorn(uc.UC_ARCH_X86, uc.UC_MODE_64);
  const code = bytesOf(hex);
  engine.mem_map(CODE, 0x4000);
  engine.mem_map(DATA, 0x1000, uc.UC_PROT_READ | uc.UC_PROT_WRITE);
  engine.mem_map(STACK - 0x1_0000n, 0x1_0000);
  engine.mem_write(CODE, code);
  engine.reg_write(RSP, STACK);
  return { engine, end: CODE + BigInt(code.length) };
}

/** The errno that it throws. */
function errnoOf(act: () => void): number {
  try {
    act();
  } catch (error) {
    if (error instanceof UnicornError) return error.errno;
    throw error;
  }
  return uc.UC_ERR_OK;
}

// again: inc rax; add rbx, rax; dec rcx; jnz again
const LOOP = '48ffc0 4801c3 48ffc9 75f5';

describe('memory', () => {
  test('maps, reads, writes, lists regions', () => {
    const { engine } = engineWith('90');
    engine.mem_write(DATA + 0xffcn, [1, 2, 3, 4]);
    expect([...engine.mem_read(DATA + 0xffan, 6)]).toEqual([0, 0, 1, 2, 3, 4]);
    expect(engine.mem_regions()).toEqual([
      { begin: CODE, end: 0x4fffn, perms: 7 },
      { begin: DATA, end: 0x8fffn, perms: 3 },
      { begin: STACK - 0x1_0000n, end: STACK - 1n, perms: 7 },
    ]);
    engine.mem_unmap(0x2000, 0x1000);
    engine.mem_protect(0x3000, 0x1000, uc.UC_PROT_READ);
    expect(engine.mem_regions().slice(0, 3)).toEqual([
      { begin: CODE, end: 0x1fffn, perms: 7 },
      { begin: 0x3000n, end: 0x3fffn, perms: 1 },
      { begin: 0x4000n, end: 0x4fffn, perms: 7 },
    ]);
  });

  test.each<[string, (engine: Unicorn) => void, number]>([
    ['an address inside a page', (e) => e.mem_map(0x10_0001, 0x1000), uc.UC_ERR_ARG],
    ['a size that is no page', (e) => e.mem_map(0x10_0000, 0x10), uc.UC_ERR_ARG],
    ['nothing', (e) => e.mem_map(0x10_0000, 0), uc.UC_ERR_ARG],
    ['unknown rights', (e) => e.mem_map(0x10_0000, 0x1000, 8), uc.UC_ERR_ARG],
    ['past the end', (e) => e.mem_map(0xffff_ffff_ffff_f000n, 0x2000), uc.UC_ERR_ARG],
    ['what is mapped', (e) => e.mem_map(0, 0x2000), uc.UC_ERR_MAP],
    ['unmap of a hole', (e) => e.mem_unmap(0x4000, 0x2000), uc.UC_ERR_NOMEM],
    ['unmap inside a page', (e) => e.mem_unmap(CODE + 1n, 0x1000), uc.UC_ERR_ARG],
    ['protect of a hole', (e) => e.mem_protect(0x7000, 0x1000), uc.UC_ERR_NOMEM],
    ['read of a hole', (e) => void e.mem_read(0x4ffe, 4), uc.UC_ERR_READ_UNMAPPED],
    ['write to a hole', (e) => e.mem_write(0x4ffe, [1, 2, 3, 4]), uc.UC_ERR_WRITE_UNMAPPED],
  ])('%s is an error', (_what, act, errno) => {
    const { engine } = engineWith('90');
    expect(errnoOf(() => act(engine))).toBe(errno);
    expect(engine.errno()).toBe(errno);
    expect(engine.mem_regions()).toHaveLength(3);
  });

  test('what is mapped costs memory when it is touched', () => {
    // mov [rdi], rdi
    const engine = new Unicorn(uc.UC_ARCH_X86, uc.UC_MODE_64, { memory: 1 << 20 });
    engine.mem_map(0, 1n << 40n);
    engine.mem_write(CODE, bytesOf('48893f'));
    engine.reg_write(RDI, 0x77_0000_0000n);
    engine.emu_start(CODE, CODE + 3n);
    expect(engine.mem_read(0x77_0000_0004n, 1)).toEqual(new Uint8Array([0x77]));
    expect(errnoOf(() => engine.mem_write(0x1000_0000, new Uint8Array(1 << 20)))).toBe(uc.UC_ERR_NOMEM);
  });

  test('an address is mapped, unmapped and mapped again', () => {
    const { engine, end } = engineWith('488b04 25 00000100'); // mov rax, [0x10000]
    for (let i = 1; i < 5; i++) {
      expect(errnoOf(() => engine.emu_start(CODE, end))).toBe(uc.UC_ERR_READ_UNMAPPED);
      engine.mem_map(0x1_0000, 0x1000);
      engine.mem_write(0x1_0000, [i]);
      engine.emu_start(CODE, end);
      expect(engine.reg_read(RAX)).toBe(BigInt(i));
      engine.mem_unmap(0x1_0000, 0x1000);
    }
  });

  test('code is unmapped, and other code is mapped there', () => {
    const { engine } = engineWith('e8 fbef0000 48ffc9 75f6'); // again: call 0x10000; dec rcx; jnz again
    for (const [code, sum] of [
      ['48ffc0 c3', 1000n],
      ['4883c003 c3', 3000n],
    ] as const) {
      engine.mem_map(0x1_0000, 0x1000);
      engine.mem_write(0x1_0000, bytesOf(code));
      engine.reg_write_batch([[RAX, 0], [RCX, 1000]]); // biome-ignore format: one line
      engine.emu_start(CODE, CODE + 10n);
      expect(engine.reg_read(RAX)).toBe(sum);
      engine.mem_unmap(0x1_0000, 0x1000);
      expect(errnoOf(() => engine.emu_start(CODE, CODE + 10n))).toBe(uc.UC_ERR_FETCH_UNMAPPED);
      expect(engine.reg_read(RIP)).toBe(0x1_0000n);
      engine.reg_write(RSP, STACK);
    }
  });
});

describe('rights', () => {
  test.each([
    ['read of what may only be written', uc.UC_PROT_WRITE, '488b07', uc.UC_ERR_READ_PROT],
    ['write to what may only be written', uc.UC_PROT_WRITE, '488907', uc.UC_ERR_OK],
    ['read-modify-write of what may only be written', uc.UC_PROT_WRITE, '480107', uc.UC_ERR_READ_PROT],
    ['write to what may only be read', uc.UC_PROT_READ, '488907', uc.UC_ERR_WRITE_PROT],
    ['jump to what may not be executed', uc.UC_PROT_READ, 'ffe7', uc.UC_ERR_FETCH_PROT],
    ['jump to what may only be executed', uc.UC_PROT_EXEC, 'ffe7', uc.UC_ERR_OK],
    ['read of what may only be executed', uc.UC_PROT_EXEC, '488b07', uc.UC_ERR_READ_PROT],
    ['read without any right', uc.UC_PROT_NONE, '488b07', uc.UC_ERR_READ_PROT],
  ])('%s', (_what, perms, code, errno) => {
    const { engine } = engineWith(`${code} 90`);
    engine.mem_map(0x1_0000, 0x1000, perms);
    engine.mem_write(0x1_0000, bytesOf('90 90 90 90'));
    engine.reg_write(RDI, 0x1_0000);
    for (const hot of [false, true]) {
      if (hot) for (let i = 0; i < 10; i++) errnoOf(() => engine.emu_start(CODE, 0, 0, 3));
      expect(errnoOf(() => engine.emu_start(CODE, 0, 0, 2))).toBe(errno);
    }
  });

  test('change between two runs, and by a hook that lets an access happen', () => {
    const { engine, end } = engineWith('48ff07'); // inc qword [rdi]
    engine.reg_write(RDI, DATA);
    engine.emu_start(CODE, end);
    engine.mem_protect(DATA, 0x1000, uc.UC_PROT_READ);
    expect(errnoOf(() => engine.emu_start(CODE, end))).toBe(uc.UC_ERR_WRITE_PROT);
    const seen: unknown[] = [];
    engine.hook_add(uc.UC_HOOK_MEM_WRITE_PROT, (e, access, address, size, value) => {
      seen.push([access, address, size, value]);
      e.mem_protect(DATA, 0x1000, uc.UC_PROT_READ | uc.UC_PROT_WRITE);
      return true;
    });
    engine.emu_start(CODE, end);
    expect(seen).toEqual([[uc.UC_MEM_WRITE_PROT, DATA, 8, 2n]]);
    expect(engine.mem_read(DATA, 1)[0]).toBe(2);
  });
});

describe('registers', () => {
  test('parts of general registers', () => {
    const { engine } = engineWith('90');
    engine.reg_write(RAX, 0x1122_3344_5566_7788n);
    const { UC_X86_REG_EAX, UC_X86_REG_AX, UC_X86_REG_AL, UC_X86_REG_AH } = uc;
    const parts = [UC_X86_REG_EAX, UC_X86_REG_AX, UC_X86_REG_AL, UC_X86_REG_AH];
    expect(engine.reg_read_batch(parts)).toEqual([0x5566_7788n, 0x7788n, 0x88n, 0x77n]);
    engine.reg_write(UC_X86_REG_AH, 0xff);
    expect(engine.reg_read(RAX)).toBe(0x1122_3344_5566_ff88n);
    engine.reg_write(UC_X86_REG_EAX, -1);
    expect(engine.reg_read(RAX)).toBe(0x1122_3344_ffff_ffffn);
    engine.reg_write(uc.UC_X86_REG_R15W, 0x1_2345);
    expect(engine.reg_read(uc.UC_X86_REG_R15)).toBe(0x2345n);
    engine.reg_write(uc.UC_X86_REG_SIL, [0xab]);
    expect(engine.reg_read(RSI, 8)).toEqual(new Uint8Array([0xab, 0, 0, 0, 0, 0, 0, 0]));
  });

  test('vector registers, as numbers and as bytes', () => {
    const { engine, end } = engineWith('660fefc1'); // pxor xmm0, xmm1
    engine.reg_write(uc.UC_X86_REG_XMM0, 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0fn);
    engine.reg_write(uc.UC_X86_REG_XMM1, new Uint8Array(16).fill(0xff));
    engine.emu_start(CODE, end);
    expect(engine.reg_read(uc.UC_X86_REG_XMM0)).toBe(0xfffe_fdfc_fbfa_f9f8_f7f6_f5f4_f3f2_f1f0n);
    engine.reg_write(uc.UC_X86_REG_YMM2, 1n << 255n);
    expect(engine.reg_read(uc.UC_X86_REG_YMM2)).toBe(1n << 255n);
    expect(engine.reg_read(uc.UC_X86_REG_XMM2)).toBe(0n);
  });

  test('flags', () => {
    const { engine, end } = engineWith('f9 48 83d000 fd'); // stc; adc rax, 0; std
    expect(engine.reg_read(uc.UC_X86_REG_EFLAGS)).toBe(2n);
    engine.reg_write(RAX, -1);
    engine.emu_start(CODE, end);
    expect(engine.reg_read(uc.UC_X86_REG_RFLAGS)).toBe(0x457n);
    engine.reg_write(uc.UC_X86_REG_EFLAGS, 0x8d5);
    expect(engine.reg_read(uc.UC_X86_REG_EFLAGS)).toBe(0x8d7n);
  });

  test('segments, MXCSR and x87', () => {
    const { engine, end } = engineWith('64488b042508000000 0fae1f'); // mov rax, fs:[8]; stmxcsr [rdi]
    engine.mem_write(DATA + 8n, [0x2a]);
    engine.reg_write_batch([
      [uc.UC_X86_REG_FS_BASE, DATA],
      [uc.UC_X86_REG_MXCSR, 0x9f80],
      [RDI, DATA],
      [uc.UC_X86_REG_FPSW, 3 << 11],
      [uc.UC_X86_REG_ST0, 0x3fff_8000_0000_0000_0000n],
      [uc.UC_X86_REG_FPTAG, 0xff3f],
    ]);
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RAX)).toBe(0x2an);
    expect([...engine.mem_read(DATA, 2)]).toEqual([0x80, 0x9f]);
    expect(engine.reg_read(uc.UC_X86_REG_FP3)).toBe(0x3fff_8000_0000_0000_0000n);
    expect(engine.reg_read(uc.UC_X86_REG_MM3)).toBe(0x8000_0000_0000_0000n);
    expect(engine.reg_read(uc.UC_X86_REG_FPTAG)).toBe(0xff3fn);
    expect(engine.reg_read(uc.UC_X86_REG_FPCW)).toBe(0x37fn);
    expect(engine.reg_read(uc.UC_X86_REG_CS)).toBe(0x33n);
  });

  test('there is no such register', () => {
    const { engine } = engineWith('90');
    expect(errnoOf(() => engine.reg_read(uc.UC_X86_REG_CR3))).toBe(uc.UC_ERR_ARG);
    expect(errnoOf(() => engine.reg_write(uc.UC_X86_REG_ZMM0, 0))).toBe(uc.UC_ERR_ARG);
    expect(errnoOf(() => engine.reg_write(RAX, 0.5))).toBe(uc.UC_ERR_ARG);
  });
});

describe('emu_start', () => {
  test('stops before until, wherever that is', () => {
    const { engine, end } = engineWith(LOOP);
    engine.reg_write(RCX, 1000);
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RBX)).toBe(500_500n);
    expect(engine.reg_read(RIP)).toBe(end);
    // In the middle of code that is hot: once each turn.
    engine.reg_write_batch([[RAX, 0], [RCX, 10]]); // biome-ignore format: one line
    engine.emu_start(CODE, CODE + 6n);
    expect(engine.reg_read_batch([RAX, RCX, RIP])).toEqual([1n, 10n, CODE + 6n]);
    engine.emu_start(CODE + 6n, CODE + 6n);
    expect(engine.reg_read(RCX)).toBe(10n);
  });

  test('a magic return address as until', () => {
    const { engine } = engineWith('48ffc0 c3');
    const magic = 0x7fff_dead_b000n;
    for (let i = 1; i < 20; i++) {
      engine.reg_write(RSP, STACK - 8n);
      engine.mem_write(STACK - 8n, new Uint8Array(new BigUint64Array([magic]).buffer));
      engine.emu_start(CODE, magic);
      expect(engine.reg_read_batch([RAX, RIP])).toEqual([BigInt(i), magic]);
    }
  });

  test.each([1, 2, 3, 7, 100, 12_345, 1_000_003])('executes exactly %i instructions', (count) => {
    for (const stepping of [false, true]) {
      if (stepping && count > 20_000) continue;
      const { engine } = engineWith(`${LOOP} ebf3`);
      if (stepping) engine.hook_add(uc.UC_HOOK_BLOCK, () => {});
      engine.emu_start(CODE, 0, 0, count);
      expect(engine.reg_read(RAX)).toBe(BigInt(Math.floor((count + 3) / 4)));
      expect(engine.reg_read(RIP)).toBe(CODE + [0n, 3n, 6n, 9n][count % 4]);
    }
  });

  test('a fault in the middle of a count', () => {
    const { engine, end } = engineWith('48ffc0 48ffc0 488b1f 48ffc0'); // inc rax twice; mov rbx, [rdi]; inc rax
    expect(errnoOf(() => engine.emu_start(CODE, end, 0, 4))).toBe(uc.UC_ERR_READ_UNMAPPED);
    expect(engine.reg_read_batch([RAX, RIP])).toEqual([2n, CODE + 6n]);
  });

  test('ends by its timeout', () => {
    const { engine } = engineWith('48ffc0 ebfb');
    const start = performance.now();
    engine.emu_start(CODE, 0, 50_000);
    expect(performance.now() - start).toBeGreaterThan(45);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(engine.query(uc.UC_QUERY_TIMEOUT)).toBe(1);
    expect(engine.reg_read(RAX)).toBeGreaterThan(100_000n);
    engine.emu_start(CODE, CODE + 3n, 50_000);
    expect(engine.query(uc.UC_QUERY_TIMEOUT)).toBe(0);
  });

  test.each([
    ['mov eax, [0xaaaaaaa]', '8b0425aaaaaa0a', uc.UC_ERR_READ_UNMAPPED],
    ['mov [0xaaaaaaa], ecx', '890c25aaaaaa0a', uc.UC_ERR_WRITE_UNMAPPED],
    ['jmp 0xeeeeeeee', 'e9e9eeee0e', uc.UC_ERR_FETCH_UNMAPPED],
    ['a non-canonical address', '48b8efbeaddeefbeadde 488b00', uc.UC_ERR_READ_UNMAPPED],
    ['ud2', '0f0b', uc.UC_ERR_INSN_INVALID],
    ['an unknown opcode', '06', uc.UC_ERR_INSN_INVALID],
    ['div by zero', '31c9 f7f1', uc.UC_ERR_EXCEPTION],
    ['int 0x80', 'cd80', uc.UC_ERR_EXCEPTION],
    ['int3', 'cc', uc.UC_ERR_EXCEPTION],
    ['hlt ends it', 'f4', uc.UC_ERR_OK],
    ['syscall does nothing', '0f05', uc.UC_ERR_OK],
    ['rdmsr', '0f32', uc.UC_ERR_EXCEPTION],
  ])('%s', (_text, code, errno) => {
    const { engine, end } = engineWith(code);
    expect(errnoOf(() => engine.emu_start(CODE, end))).toBe(errno);
    expect(engine.errno()).toBe(errno);
  });

  test('code that it changes itself', () => {
    // again: mov eax, 1; add ebx, eax; inc byte [rdi]; dec ecx; jnz again
    const { engine, end } = engineWith('b801000000 01c3 fe07 ffc9 75f3');
    engine.reg_write_batch([[RDI, CODE + 1n], [RCX, 100]]); // biome-ignore format: one line
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RBX)).toBe(5050n);
  });

  test('code that is written between runs', () => {
    const { engine } = engineWith('b801000000');
    for (let i = 0; i < 20; i++) {
      engine.mem_write(CODE + 1n, [i]);
      engine.emu_start(CODE, CODE + 5n);
      expect(engine.reg_read(RAX)).toBe(BigInt(i));
    }
  });

  test('several exits', () => {
    const { engine } = engineWith('48ffc0 48ffc0 48ffc0 ebf5');
    expect(errnoOf(() => engine.ctl_set_exits([1]))).toBe(uc.UC_ERR_ARG);
    engine.ctl_exits_enabled(true);
    engine.ctl_set_exits([CODE + 6n, CODE + 3n]);
    engine.emu_start(CODE, CODE);
    expect(engine.reg_read(RIP)).toBe(CODE + 3n);
    engine.emu_start(CODE + 3n + 3n + 3n, 0);
    expect(engine.reg_read_batch([RAX, RIP])).toEqual([2n, CODE + 3n]);
    expect(engine.ctl_get_exits()).toEqual([CODE + 6n, CODE + 3n]);
  });
});

describe('code hooks', () => {
  test('see each instruction and block, with sizes', () => {
    const { engine, end } = engineWith(LOOP);
    const seen: string[] = [];
    engine.hook_add(uc.UC_HOOK_CODE, (_, address, size, name) => void seen.push(`${name} ${address} ${size}`), 'insn');
    engine.hook_add(uc.UC_HOOK_BLOCK, (_, address, size) => void seen.push(`block ${address} ${size}`));
    engine.reg_write(RCX, 2);
    engine.emu_start(CODE, end);
    const turn = ['block 4096 11', 'insn 4096 3', 'insn 4099 3', 'insn 4102 3', 'insn 4105 2'];
    expect(seen).toEqual([...turn, ...turn]);
  });

  test('added late fire on hot code, and when they are gone it is fast again', () => {
    const { engine, end } = engineWith(LOOP);
    const run = (turns: number): number => {
      engine.reg_write(RCX, turns);
      const start = performance.now();
      engine.emu_start(CODE, end);
      return performance.now() - start;
    };
    run(1_000_000);
    let calls = 0;
    const hook = engine.hook_add(uc.UC_HOOK_CODE, () => void calls++);
    run(100);
    expect(calls).toBe(400);
    engine.hook_del(hook);
    run(1_000_000);
    expect(calls).toBe(400);
    expect(run(5_000_000)).toBeLessThan(1000);
  });

  test('at a few addresses leave the rest at full speed', () => {
    // again: inc rax; dec rcx; jnz again; call f; dec rdx; jnz -20; jmp end; f: inc rbx; ret
    const { engine } = engineWith('48ffc0 48ffc9 75f8 e807000000 48ffca 75f6 eb04 48ffc3 c3');
    const seen: bigint[] = [];
    engine.reg_write_batch([[RCX, 20_000_000], [RDX, 5]]); // biome-ignore format: one line
    engine.hook_add(
      uc.UC_HOOK_CODE,
      (e, address) => void seen.push(address, e.reg_read(RBX)),
      null,
      CODE + 20n,
      CODE + 20n,
    );
    const start = performance.now();
    engine.emu_start(CODE, CODE + 24n);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(seen).toEqual([0n, 1n, 2n, 3n, 4n].flatMap((n) => [CODE + 20n, n]));
  });

  test('in a range, in order, one deleting another', () => {
    const { engine, end } = engineWith('90 90 90 90');
    const seen: string[] = [];
    const note = (name: string) => (_: Unicorn, address: bigint) => void seen.push(`${name}${address - CODE}`);
    engine.hook_add(uc.UC_HOOK_CODE, note('a'), null, CODE + 1n, CODE + 2n);
    const second = engine.hook_add(uc.UC_HOOK_CODE, note('b'));
    engine.hook_add(uc.UC_HOOK_CODE, (e, address) => {
      note('c')(e, address);
      if (address === CODE + 1n) e.hook_del(second);
      if (address === CODE + 2n) e.hook_add(uc.UC_HOOK_CODE, note('d'));
    });
    engine.emu_start(CODE, end);
    expect(seen).toEqual(['b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'c2', 'c3', 'd3']);
  });

  test('stop the emulation before the instruction, and move RIP', () => {
    const { engine, end } = engineWith('48ffc0 48ffc0 48ffc0');
    const stop = engine.hook_add(uc.UC_HOOK_CODE, (e) => e.emu_stop(), null, CODE + 3n, CODE + 3n);
    engine.emu_start(CODE, end);
    expect(engine.reg_read_batch([RAX, RIP])).toEqual([1n, CODE + 3n]);
    engine.hook_del(stop);
    engine.hook_add(uc.UC_HOOK_CODE, (e) => e.reg_write(RIP, CODE + 6n), null, CODE + 3n, CODE + 3n);
    engine.emu_start(CODE, end);
    expect(engine.reg_read_batch([RAX, RIP])).toEqual([3n, end]);
  });

  test('start another emulation, after which theirs goes on', () => {
    const { engine } = engineWith('48ffc1 48ffca'); // inc rcx; dec rdx
    engine.hook_add(uc.UC_HOOK_CODE, (e) => e.emu_start(CODE + 3n, CODE + 6n), null, CODE, CODE);
    engine.emu_start(CODE, CODE + 3n);
    expect(engine.reg_read_batch([RCX, RDX, RIP])).toEqual([1n, (1n << 64n) - 1n, CODE + 3n]);
  });

  test('errors of theirs come out of emu_start', () => {
    const { engine, end } = engineWith('48ffc0 488907');
    engine.reg_write(RDI, DATA);
    const hook = engine.hook_add(uc.UC_HOOK_MEM_WRITE, () => {
      throw new Error('mine');
    });
    expect(() => engine.emu_start(CODE, end)).toThrow('mine');
    expect(engine.reg_read_batch([RAX, RIP])).toEqual([1n, CODE + 3n]);
    engine.hook_del(hook);
    engine.emu_start(CODE + 3n, end);
    expect(engine.mem_read(DATA, 1)[0]).toBe(1);
  });

  test('edges between blocks, each once', () => {
    const { engine, end } = engineWith(`${LOOP} 90 90`);
    const seen: unknown[] = [];
    engine.hook_add(uc.UC_HOOK_EDGE_GENERATED, (_, current, previous) => void seen.push([previous, current]));
    engine.reg_write(RCX, 10);
    engine.emu_start(CODE, end);
    const loop = { pc: CODE, icount: 4, size: 11 };
    expect(seen).toEqual([
      [loop, loop],
      [loop, { pc: CODE + 11n, icount: 2, size: 2 }],
    ]);
  });
});

describe('memory hooks', () => {
  // mov eax, 0xdeadbeef; mov [0x8000], eax; mov eax, [0x10000]
  const ACCESSES = 'b8efbeadde 89042500800000 8b042500000100';

  test('writes, unmapped reads that get memory, reads', () => {
    const { engine, end } = engineWith(ACCESSES);
    const seen: unknown[] = [];
    const valid = uc.UC_HOOK_MEM_READ | uc.UC_HOOK_MEM_WRITE | uc.UC_HOOK_MEM_READ_AFTER;
    engine.hook_add(valid | uc.UC_HOOK_MEM_INVALID, (e, access, address, size, value) => {
      seen.push([access, address, size, value]);
      if (access === uc.UC_MEM_READ_UNMAPPED) {
        e.mem_map(address, 0x1000);
        e.mem_write(address, [0x78, 0x56, 0x34, 0x12]);
      }
      return true;
    });
    engine.emu_start(CODE, end);
    expect(seen).toEqual([
      [uc.UC_MEM_WRITE, 0x8000n, 4, 0xdead_beefn],
      [uc.UC_MEM_READ_UNMAPPED, 0x1_0000n, 4, 0n],
      [uc.UC_MEM_READ, 0x1_0000n, 4, 0n],
      [uc.UC_MEM_READ_AFTER, 0x1_0000n, 4, 0x1234_5678n],
    ]);
    expect(engine.reg_read(RAX)).toBe(0x1234_5678n);
  });

  test('an unmapped page that a hook maps, without other hooks, in a hot loop', () => {
    // again: mov [rdi], rcx; add rdi, 0x1000; dec rcx; jnz again
    const { engine, end } = engineWith('48890f 4881c700100000 48ffc9 75f1');
    const seen: bigint[] = [];
    engine.reg_write_batch([[RDI, 0x10_0000], [RCX, 300]]); // biome-ignore format: one line
    engine.mem_unmap(STACK - 0x1_0000n, 0x1_0000);
    engine.hook_add(uc.UC_HOOK_MEM_WRITE_UNMAPPED, (e, _access, address) => {
      seen.push(address);
      e.mem_map(address, 0x1000);
      return true;
    });
    engine.emu_start(CODE, end);
    expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => 0x10_0000n + BigInt(i) * 0x1000n));
    expect(engine.mem_read(0x10_0000, 2)).toEqual(new Uint8Array([300 & 255, 1]));
  });

  test.each([
    [uc.UC_HOOK_MEM_READ_UNMAPPED, false, uc.UC_ERR_READ_UNMAPPED],
    [uc.UC_HOOK_MEM_READ_UNMAPPED, true, uc.UC_ERR_MAP],
    [uc.UC_HOOK_MEM_WRITE_UNMAPPED, true, uc.UC_ERR_READ_UNMAPPED],
  ])('hook %i that returns %s and maps nothing: error %i', (type, result, errno) => {
    const { engine, end } = engineWith(ACCESSES);
    engine.hook_add(type, () => result);
    expect(errnoOf(() => engine.emu_start(CODE, end))).toBe(errno);
    expect(engine.reg_read_batch([RAX, RIP])).toEqual([0xdead_beefn, CODE + 12n]);
  });

  test('an access across two pages is one, and each page that is missing is asked for', () => {
    const { engine, end } = engineWith('488907 488b17'); // mov [rdi], rax; mov rdx, [rdi]
    const seen: unknown[] = [];
    engine.reg_write_batch([[RDI, DATA + 0xffdn], [RAX, 0x0102_0304_0506_0708n]]); // biome-ignore format: one line
    const types = uc.UC_HOOK_MEM_READ | uc.UC_HOOK_MEM_WRITE | uc.UC_HOOK_MEM_WRITE_UNMAPPED;
    engine.hook_add(types, (e, access, address, size, value) => {
      seen.push([access, address, size, value]);
      if (access === uc.UC_MEM_WRITE_UNMAPPED) e.mem_map(address, 0x1000);
      return true;
    });
    engine.emu_start(CODE, end);
    expect(seen).toEqual([
      [uc.UC_MEM_WRITE, DATA + 0xffdn, 8, 0x0102_0304_0506_0708n],
      [uc.UC_MEM_WRITE_UNMAPPED, DATA + 0x1000n, 5, 0x0102_0304_0506_0708n],
      [uc.UC_MEM_READ, DATA + 0xffdn, 8, 0n],
    ]);
    expect(engine.reg_read(RDX)).toBe(0x0102_0304_0506_0708n);
  });

  test('only in their range; pushes, calls and string instructions, too', () => {
    // push rax; call next; next: mov esi, 0x8000; mov edi, 0x8100; mov ecx, 2; rep movsb
    const { engine, end } = engineWith('50 e800000000 be00800000 bf00810000 b902000000 f3a4');
    const seen: unknown[] = [];
    const note: uc.MemHook = (_, access, address, size) => void seen.push([access, address, size]);
    engine.hook_add(uc.UC_HOOK_MEM_WRITE, note, null, STACK - 8n, STACK);
    engine.hook_add(uc.UC_HOOK_MEM_WRITE | uc.UC_HOOK_MEM_READ, note, null, DATA, DATA + 0x100n);
    engine.emu_start(CODE, end);
    expect(seen).toEqual([
      [uc.UC_MEM_WRITE, STACK - 8n, 8],
      [uc.UC_MEM_READ, DATA, 1],
      [uc.UC_MEM_WRITE, DATA + 0x100n, 1],
      [uc.UC_MEM_READ, DATA + 1n, 1],
    ]);
  });

  test('fetches', () => {
    const { engine, end } = engineWith('90 48ffc0 e9f7ef0000'); // nop; inc rax; jmp 0x10000
    const seen: unknown[] = [];
    engine.hook_add(uc.UC_HOOK_MEM_FETCH, (_, access, address, size) => void seen.push([access, address, size]));
    engine.hook_add(uc.UC_HOOK_MEM_FETCH_UNMAPPED, (e, access, address) => {
      seen.push([access, address]);
      e.mem_map(0x1_0000, 0x1000);
      e.mem_write(0x1_0000, bytesOf(`e9${Buffer.from(Int32Array.of(Number(end - 0x1_0005n)).buffer).toString('hex')}`));
      return true;
    });
    engine.emu_start(CODE, end);
    expect(seen).toEqual([
      [uc.UC_MEM_FETCH, CODE, 1],
      [uc.UC_MEM_FETCH, CODE + 1n, 3],
      [uc.UC_MEM_FETCH, CODE + 4n, 5],
      [uc.UC_MEM_FETCH_UNMAPPED, 0x1_0000n],
      [uc.UC_MEM_FETCH, 0x1_0000n, 5],
    ]);
  });

  test('a hook on a fetch sends it elsewhere', () => {
    const { engine, end } = engineWith('e9fb0f0e00 48ffc0'); // jmp away; inc rax
    engine.hook_add(uc.UC_HOOK_MEM_FETCH_UNMAPPED, (e) => {
      e.reg_write(RIP, CODE + 5n);
      return true;
    });
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RAX)).toBe(1n);
  });

  test('stop when the instruction is done', () => {
    const { engine, end } = engineWith('488907 48ffc0');
    engine.reg_write(RDI, DATA);
    engine.hook_add(uc.UC_HOOK_MEM_WRITE, (e) => e.emu_stop());
    engine.emu_start(CODE, end);
    expect(engine.reg_read_batch([RAX, RIP])).toEqual([0n, CODE + 3n]);
  });

  test('grow memory in the middle of an instruction', () => {
    const { engine, end } = engineWith('0f1007 480107'); // movups xmm0, [rdi]; add [rdi], rax
    engine.reg_write_batch([[RDI, DATA], [RAX, 5]]); // biome-ignore format: one line
    engine.mem_write(DATA, [7]);
    let next = 0x1000_0000n;
    engine.hook_add(uc.UC_HOOK_MEM_READ | uc.UC_HOOK_MEM_WRITE, (e) => {
      e.mem_map(next, 0x100_0000);
      e.mem_write(next, new Uint8Array(0x100_0000).fill(1));
      next += 0x100_0000n;
    });
    engine.emu_start(CODE, end);
    expect(engine.mem_read(DATA, 1)[0]).toBe(12);
    expect(engine.reg_read(uc.UC_X86_REG_XMM0)).toBe(7n);
  });

  test('cannot start an emulation', () => {
    const { engine, end } = engineWith('488907');
    engine.reg_write(RDI, DATA);
    engine.hook_add(uc.UC_HOOK_MEM_WRITE, (e) => e.emu_start(CODE, end));
    expect(errnoOf(() => engine.emu_start(CODE, end))).toBe(uc.UC_ERR_RESOURCE);
  });
});

describe('interrupts and instructions', () => {
  test('interrupts and exceptions by number; after an interrupt it goes on behind it', () => {
    const { engine, end } = engineWith('cd80 cc cd03 f1 31c9 f7f1 90'); // int 0x80; int3; int 3; int1; div by zero
    const seen: unknown[] = [];
    engine.hook_add(uc.UC_HOOK_INTR, (e, vector) => {
      const rip = e.reg_read(RIP);
      seen.push([vector, rip - CODE]);
      if (vector === 0) e.reg_write(RIP, rip + 2n);
    });
    engine.emu_start(CODE, end);
    expect(seen).toEqual([[0x80, 0n], [3, 2n], [3, 3n], [1, 5n], [0, 8n]]); // biome-ignore format: one line
    expect(engine.reg_read(RIP)).toBe(end);
    seen.length = 0;
    engine.emu_start(CODE, end, 0, 2);
    expect(seen).toHaveLength(2);
  });

  test('syscall: RIP is its own during the call; RCX and R11 are set, as on silicon', () => {
    const { engine, end } = engineWith('b827000000 0f05 89c3'); // mov eax, 39; syscall; mov ebx, eax
    const seen: unknown[] = [];
    engine.hook_add(
      uc.UC_HOOK_INSN,
      (e) => {
        seen.push(e.reg_read_batch([RAX, RIP, RCX, uc.UC_X86_REG_R11]));
        e.reg_write(RAX, 1234);
      },
      undefined,
      1,
      0,
      uc.UC_X86_INS_SYSCALL,
    );
    for (let i = 0; i < 10; i++) engine.emu_start(CODE, end);
    expect(seen).toHaveLength(10);
    expect(seen[9]).toEqual([39n, CODE + 5n, CODE + 7n, 2n]);
    expect(engine.reg_read(RBX)).toBe(1234n);
  });

  test('cpuid and rdtsc, replaced or not, in hot code', () => {
    // again: xor eax, eax; cpuid; add rsi, rbx; rdtsc; add rdi, rax; dec r8; jnz again
    const { engine, end } = engineWith('31c0 0fa2 4801de 0f31 4801c7 49ffc8 75ef');
    engine.reg_write(uc.UC_X86_REG_R8, 100);
    engine.emu_start(CODE, end);
    const hooks = [
      [uc.UC_X86_INS_CPUID, RBX, true],
      [uc.UC_X86_INS_RDTSC, RAX, true],
    ] as const;
    let calls = 0;
    const added = hooks.map(([insn, register, skip]) =>
      engine.hook_add(uc.UC_HOOK_INSN, (e) => {
        calls++;
        e.reg_write(register, 3);
        return skip;
      }, undefined, 1, 0, insn)); // biome-ignore format: short
    engine.reg_write_batch([[uc.UC_X86_REG_R8, 100], [RSI, 0], [RDI, 0]]); // biome-ignore format: one line
    engine.emu_start(CODE, end);
    expect(engine.reg_read_batch([RSI, RDI])).toEqual([300n, 300n]);
    expect(calls).toBe(200);
    for (const hook of added) engine.hook_del(hook);
    engine.hook_add(uc.UC_HOOK_INSN, () => false, undefined, 1, 0, uc.UC_X86_INS_CPUID);
    engine.reg_write_batch([[uc.UC_X86_REG_R8, 2], [RSI, 0]]); // biome-ignore format: one line
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RSI)).toBe(2n * 0x756e_6547n); // "Genu"
    expect(errnoOf(() => engine.hook_add(uc.UC_HOOK_INSN, () => {}, undefined, 1, 0, 1))).toBe(uc.UC_ERR_HOOK);
  });

  test('in and out', () => {
    const { engine, end } = engineWith('e510 6689c2 ee'); // in eax, 0x10; mov dx, ax; out dx, al
    const seen: unknown[] = [];
    engine.hook_add(
      uc.UC_HOOK_INSN,
      (_, port, size) => {
        seen.push(['in', port, size]);
        return 0xffff_1234;
      },
      undefined,
      1,
      0,
      uc.UC_X86_INS_IN,
    );
    engine.hook_add(
      uc.UC_HOOK_INSN,
      (_, port, size, value) => void seen.push(['out', port, size, value]),
      undefined,
      1,
      0,
      uc.UC_X86_INS_OUT,
    );
    engine.emu_start(CODE, end);
    expect(seen).toEqual([['in', 0x10, 4], ['out', 0x1234, 1, 0x34]]); // biome-ignore format: one line
    expect(engine.reg_read(RAX)).toBe(0xffff_1234n);
  });

  test('invalid instructions', () => {
    const { engine, end } = engineWith('0f0b 48ffc0');
    let calls = 0;
    engine.hook_add(uc.UC_HOOK_INSN_INVALID, (e) => {
      calls++;
      e.reg_write(RIP, e.reg_read(RIP) + 2n);
      return true;
    });
    engine.emu_start(CODE, end);
    expect([calls, engine.reg_read(RAX)]).toEqual([1, 1n]);
  });
});

describe('translation by hooks', () => {
  test('a virtual page lies where the hook says, until the TLB is flushed', () => {
    const { engine, end } = engineWith('488b07'); // mov rax, [rdi]
    engine.mem_map(0x10_0000, 0x2000);
    engine.mem_write(0x10_0000, [1]);
    engine.mem_write(0x10_1000, [2]);
    const seen: unknown[] = [];
    let target = 0x10_0000n;
    engine.ctl_tlb_mode(uc.UC_TLB_VIRTUAL);
    engine.hook_add(uc.UC_HOOK_TLB_FILL, (_, address, access, entry) => {
      seen.push([address, access]);
      if (address === 0x66_0000n) return false;
      entry.paddr = address === CODE ? CODE : target;
      entry.perms = address === CODE ? uc.UC_PROT_EXEC | uc.UC_PROT_READ : uc.UC_PROT_READ;
      return true;
    });
    engine.reg_write(RDI, 0x55_0000);
    for (let i = 0; i < 6; i++) engine.emu_start(CODE, end);
    expect(engine.reg_read(RAX)).toBe(1n);
    expect(seen).toEqual([[CODE, uc.UC_MEM_FETCH], [0x55_0000n, uc.UC_MEM_READ]]); // biome-ignore format: one line
    target = 0x10_1000n;
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RAX)).toBe(1n);
    engine.ctl_flush_tlb();
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RAX)).toBe(2n);
    engine.reg_write(RDI, 0x66_0000);
    expect(errnoOf(() => engine.emu_start(CODE, end))).toBe(uc.UC_ERR_READ_UNMAPPED);
  });
});

describe('the rest', () => {
  test('contexts', () => {
    const { engine, end } = engineWith('48ffc0');
    engine.reg_write(RAX, 1);
    const context = engine.context_save();
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RAX)).toBe(2n);
    expect(context.reg_read(RAX)).toBe(1n);
    context.reg_write(RBX, 9);
    engine.context_restore(context);
    expect(engine.reg_read_batch([RAX, RBX])).toEqual([1n, 9n]);
    engine.emu_start(CODE, end);
    expect(engine.reg_read(RAX)).toBe(2n);
  });

  test('many engines do not know each other', () => {
    const engines = Array.from({ length: 30 }, (_, i) => {
      const { engine, end } = engineWith(LOOP);
      engine.reg_write(RCX, 100 + i);
      return { engine, end };
    });
    for (const { engine, end } of engines) engine.emu_start(CODE, end);
    for (const [i, { engine }] of engines.entries()) expect(engine.reg_read(RAX)).toBe(BigInt(100 + i));
  });

  test('query, version, strerror, what is not supported', () => {
    const { engine } = engineWith('90');
    expect([1, 2, 3].map((type) => engine.query(type))).toEqual([uc.UC_MODE_64, 4096, uc.UC_ARCH_X86]);
    expect(uc.version()).toBe(0x020100ff);
    expect(uc.arch_supported(uc.UC_ARCH_X86)).toBe(true);
    expect(uc.strerror(uc.UC_ERR_MAP)).toBe('invalid memory mapping');
    expect(errnoOf(() => new Unicorn(uc.UC_ARCH_ARM, 0))).toBe(uc.UC_ERR_ARCH);
    expect(errnoOf(() => new Unicorn(uc.UC_ARCH_X86, uc.UC_MODE_32))).toBe(uc.UC_ERR_MODE);
    engine.close();
    expect(errnoOf(() => engine.reg_read(RAX))).toBe(uc.UC_ERR_HANDLE);
  });
});
