/** Random programs: hooks on all code and memory, and one at an address, do not change what comes out; nor do translations. */
import { expect, test } from 'vitest';
import { allEncodings, decode } from '../../src/cpu/decode.ts';
import * as uc from '../../src/unicorn/unicorn.ts';
import { Unicorn, UnicornError } from '../../src/unicorn/unicorn.ts';
import { type Rng, rngOf, sampleEncoding } from '../helpers/encode.ts';

const PROGRAMS = 60;
const INSNS = 3;
const TURNS = 10;
const CODE = 0x1000n, DATA = 0x8000n, DATA_BYTES = 0x8000; // biome-ignore format: one line
const COUNTER = 0xf000;

const GENERAL = 'RAX RCX RDX RBX RSP RBP RSI RDI R8 R9 R10 R11 R12 R13 R14 R15'.split(' ');
const numbers: Readonly<Record<string, unknown>> = { ...uc };
const general = GENERAL.map((name) => numbers[`UC_X86_REG_${name}`] as number);
const all = [...general, uc.UC_X86_REG_RIP, uc.UC_X86_REG_RFLAGS, uc.UC_X86_REG_MXCSR, uc.UC_X86_REG_FPSW];
for (let n = 0; n < 16; n++) all.push(uc.UC_X86_REG_YMM0 + n);

/** What runs the same whoever looks: no clocks, no random numbers, nothing that goes elsewhere. */
const usable = [...allEncodings()].filter(
  ({ def }) => (def.flow ?? 'next') === 'next' && !def.privileged && !/^(?:rd|cpuid)/.test(def.mnemonic),
);

/** start: so many instructions; dec dword [COUNTER]; jnz start; hlt */
function randomProgram(rng: Rng): number[] {
  const code: number[] = [];
  for (let n = 0; n < INSNS; ) {
    const { def, index } = usable[Math.floor(rng() * usable.length)];
    const bytes = sampleEncoding(def, index, rng);
    if (typeof decode(bytes, 0, bytes.length, CODE) === 'string') continue;
    code.push(...bytes);
    n++;
  }
  code.push(0xff, 0x0c, 0x25, ...new Uint8Array(Int32Array.of(COUNTER).buffer));
  code.push(0x0f, 0x85, ...new Uint8Array(Int32Array.of(-(code.length + 6)).buffer));
  return [...code, 0xf4];
}

function outcome(code: readonly number[], registers: readonly bigint[], data: Uint8Array, hook: (e: Unicorn) => void) {
  const engine = new Unicorn(uc.UC_ARCH_X86, uc.UC_MODE_64);
  engine.mem_map(CODE, 0x1000, uc.UC_PROT_READ | uc.UC_PROT_EXEC);
  engine.mem_map(DATA, DATA_BYTES, uc.UC_PROT_READ | uc.UC_PROT_WRITE);
  engine.mem_write(CODE, code);
  engine.mem_write(DATA, data);
  engine.mem_write(COUNTER, [TURNS, 0, 0, 0]);
  for (const [i, value] of registers.entries()) engine.reg_write(general[i], value);
  hook(engine);
  let error = '';
  try {
    engine.emu_start(CODE, 0, 0, 500);
  } catch (thrown) {
    if (!(thrown instanceof UnicornError)) throw thrown;
    error = thrown.message;
  }
  const memory = Buffer.from(engine.mem_read(DATA, DATA_BYTES)).toString('latin1');
  return { error, registers: engine.reg_read_batch(all), memory };
}

test(`${PROGRAMS} programs`, () => {
  const rng = rngOf(5);
  const below = (n: number) => Math.floor(rng() * n);
  let finished = 0;
  for (let i = 0; i < PROGRAMS; i++) {
    const code = randomProgram(rng);
    const registers = general.map(() => (rng() < 0.8 ? DATA + BigInt(16 * below(0x600)) : BigInt(below(2 ** 32))));
    const data = Uint8Array.from({ length: DATA_BYTES }, () => below(256));
    const plain = outcome(code, registers, data, () => {});
    if (plain.error === '') finished++;
    const name = Buffer.from(code).toString('hex');
    const watched = outcome(code, registers, data, (engine) => {
      engine.hook_add(uc.UC_HOOK_CODE, () => {});
      engine.hook_add(uc.UC_HOOK_MEM_READ | uc.UC_HOOK_MEM_WRITE | uc.UC_HOOK_MEM_READ_AFTER, () => {});
    });
    expect(watched, name).toEqual(plain);
    const stopped = outcome(code, registers, data, (engine) => {
      const last = CODE + BigInt(code.length) - 14n;
      engine.hook_add(uc.UC_HOOK_CODE, () => {}, undefined, last, last);
    });
    expect(stopped, name).toEqual(plain);
  }
  expect(finished).toBeGreaterThan(PROGRAMS / 10);
});
