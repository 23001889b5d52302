/**
 * A program in a fresh address space: execve(2), fs/binfmt_elf.c. The stack of a new program, from the top down: eight
 * zero bytes, the file name, the environment, the arguments, the platform's name, sixteen random bytes; then, at a
 * 16-byte boundary, argc, argv, envp and the auxiliary vector. Left out: the vDSO, randomised addresses.
 */
import {
  AT_BASE,
  AT_CLKTCK,
  AT_EGID,
  AT_ENTRY,
  AT_EUID,
  AT_EXECFN,
  AT_FLAGS,
  AT_GID,
  AT_HWCAP,
  AT_HWCAP2,
  AT_MINSIGSTKSZ,
  AT_NULL,
  AT_PAGESZ,
  AT_PHDR,
  AT_PHENT,
  AT_PHNUM,
  AT_PLATFORM,
  AT_RANDOM,
  AT_SECURE,
  AT_UID,
} from '../../abi/auxv.ts';
import { E2BIG, ENOMEM, Errno } from '../../abi/errno.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { PAGE_SIZE, pageDown, pageUp, type Vaddr, type Vpn, vaddr, vaddrOf, vpnOf } from '../../base/ints.ts';
import { bytesOfName } from '../../base/names.ts';
import { XSAVE_BYTES } from '../../cpu/context-image.ts';
import { IF, KIND_PACKED } from '../../cpu/flags.ts';
import { type CpuContext, RSP, STATE } from '../../cpu/state.ts';
import type { ElfImage, ElfSegment } from '../../elf/image.ts';
import { AddressSpace } from '../mm/address-space.ts';
import type { MmHost } from '../mm/host.ts';
import { PIE_BASE, STACK_EXTRA_PAGES, USER_END } from '../mm/limits.ts';
import { placeArea } from '../mm/placement.ts';
import { copyOut } from '../mm/user-memory.ts';
import type { OpenRegular } from '../vfs/open-regular.ts';
import type { Credentials } from './credentials.ts';

export interface ExecRequest {
  readonly image: ElfImage;
  /** The program's file, whose pages are shared by all processes that run it. */
  readonly file: OpenRegular;
  /** The dynamic linker that the program asks for, which runs first. */
  readonly interpreter?: { readonly image: ElfImage; readonly file: OpenRegular } | undefined;
  /** As given: AT_EXECFN. */
  readonly path: string;
  /** Without the NUL that ends each. */
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  /** RLIMIT_STACK in bytes: arguments may take a quarter of it. */
  readonly stackLimit: bigint;
  readonly credentials: Credentials;
  /** For AT_RANDOM. */
  readonly random: Uint8Array;
}

export interface LoadedProgram {
  readonly space: AddressSpace;
  readonly context: CpuContext;
  /** What was added to the addresses in the file. */
  readonly base: Vaddr;
  /** Address of envp[0]. */
  readonly envp: Vaddr;
}

/** CPUID leaf 1, EDX. */
const HWCAP = 0x178b_fbffn;
/** What a signal takes of a stack: frame, alignment, and the state of the x87 and the vector registers (`get_sigframe_size`). */
const MIN_SIGNAL_STACK = BigInt(944 + XSAVE_BYTES);

/** Builds the address space and the first registers. ENOMEM; E2BIG: arguments over a quarter of the stack's limit. */
export function exec(host: MmHost, request: ExecRequest): LoadedProgram | Errno {
  const space = AddressSpace.create(host);
  if (space === undefined) return ENOMEM;
  const loaded = loadInto(space, request);
  if (loaded instanceof Errno) space.release();
  return loaded;
}

function loadInto(space: AddressSpace, request: ExecRequest): LoadedProgram | Errno {
  const { image, file } = request;
  const base = vaddr(image.type === 'pie' ? PIE_BASE - pageDown(image.segments[0].address) : 0n);
  const failed = mapSegments(space, image, base, file);
  if (failed !== undefined) return failed;
  const last = image.segments.at(-1)!;
  space.brkStart = vaddr(pageUp(vaddr(base + last.address) + BigInt(last.memoryBytes)));
  space.brk = space.brkStart;
  const linker = loadInterpreter(space, request);
  if (linker instanceof Errno) return linker;
  const stack = setUpStack(space, request, base, linker?.base ?? 0n);
  if (stack instanceof Errno) return stack;
  space.stackStart = stack.rsp;
  const entry = linker?.entry ?? vaddr(base + image.entry);
  return { space, base, envp: stack.envp, context: firstContext(entry, stack.rsp) };
}

function mapSegments(space: AddressSpace, image: ElfImage, base: Vaddr, file: OpenRegular): Errno | undefined {
  for (const segment of image.segments) {
    const failed = mapSegment(space, segment, base, file);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

/** The dynamic linker goes where mmap(2) would put it, all of it in one piece. */
function loadInterpreter(
  space: AddressSpace,
  { interpreter }: ExecRequest,
): { base: Vaddr; entry: Vaddr } | Errno | undefined {
  if (interpreter === undefined) return undefined;
  const { image, file } = interpreter;
  const last = image.segments.at(-1)!;
  const low = pageDown(image.segments[0].address);
  const pages = Number((pageUp(last.address + BigInt(last.memoryBytes)) - low) / BigInt(PAGE_SIZE));
  const start = image.type === 'pie' ? placeArea(space.vmas, pages, undefined, false) : vpnOf(low);
  if (start instanceof Errno) return start;
  const base = vaddr(vaddrOf(start) - low);
  return mapSegments(space, image, base, file) ?? { base, entry: vaddr(base + image.entry) };
}

function mapSegment(space: AddressSpace, segment: ElfSegment, base: Vaddr, file: OpenRegular): Errno | undefined {
  const prot = (segment.read ? PROT_READ : 0) | (segment.write ? PROT_WRITE : 0) | (segment.execute ? PROT_EXEC : 0);
  const address = vaddr(base + segment.address);
  const start = vpnOf(address);
  const fileEnd = address + BigInt(segment.fileBytes);
  const memoryEnd = address + BigInt(segment.memoryBytes);
  const split = segment.fileBytes > 0 ? vpnOf(pageUp(fileEnd)) : start;
  const end = vpnOf(pageUp(memoryEnd));
  const at = (vpn: Vpn) => ({ vpn, how: 'fixed' as const });
  if (split > start) {
    const offset = Math.floor(segment.offset / PAGE_SIZE);
    const backing = file.inode.cache;
    const mapped = space.map({ pages: split - start, at: at(start), prot, shared: false, backing, file, offset });
    if (mapped instanceof Errno) return mapped;
  }
  if (end > split) {
    const mapped = space.map({ pages: end - split, at: at(split), prot, shared: false });
    if (mapped instanceof Errno) return mapped;
  }
  // The rest of the last file page is not the file's next bytes, but zeros.
  const padding = Number(pageUp(fileEnd) - fileEnd);
  if (memoryEnd > fileEnd && padding > 0 && segment.fileBytes > 0 && prot & PROT_WRITE)
    return copyOut(space, fileEnd, new Uint8Array(padding)) && ENOMEM;
  return undefined;
}

/** Bytes of a string and its final zero. */
function zeroTerminated(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(text.length + 1);
  bytes.set(text);
  return bytes;
}
const PLATFORM = bytesOfName('x86_64');

function setUpStack(
  space: AddressSpace,
  { image, path, args, env, random, stackLimit, credentials }: ExecRequest,
  base: Vaddr,
  linkerBase: bigint,
): { rsp: Vaddr; envp: Vaddr } | Errno {
  // Addresses first, from the top down.
  let top = BigInt(USER_END) * BigInt(PAGE_SIZE) - 8n;
  const pieces: { at: bigint; bytes: Uint8Array }[] = [];
  const push = (bytes: Uint8Array): bigint => {
    top -= BigInt(bytes.length);
    pieces.push({ at: top, bytes });
    return top;
  };
  const pushAll = (texts: readonly Uint8Array[]): bigint[] =>
    [...texts]
      .reverse()
      .map((text) => push(zeroTerminated(text)))
      .reverse();
  const execfn = push(zeroTerminated(bytesOfName(path)));
  const envAt = pushAll(env);
  const argsAt = pushAll(args);
  if (USER_END * PAGE_SIZE - Number(top) > argumentLimit(stackLimit)) return E2BIG;
  const stringsStart = top;
  top &= ~15n;
  const platform = push(zeroTerminated(PLATFORM));
  const randomAt = push(random);

  const auxv: [type: number, value: bigint][] = [
    [AT_MINSIGSTKSZ, MIN_SIGNAL_STACK],
    [AT_HWCAP, HWCAP],
    [AT_PAGESZ, BigInt(PAGE_SIZE)],
    [AT_CLKTCK, 100n],
    [AT_PHDR, image.programHeaderAddress === undefined ? 0n : vaddr(base + image.programHeaderAddress)],
    [AT_PHENT, 56n],
    [AT_PHNUM, BigInt(image.programHeaders.length)],
    [AT_BASE, linkerBase],
    [AT_FLAGS, 0n],
    [AT_ENTRY, vaddr(base + image.entry)],
    [AT_UID, BigInt(credentials.uid)],
    [AT_EUID, BigInt(credentials.euid)],
    [AT_GID, BigInt(credentials.gid)],
    [AT_EGID, BigInt(credentials.egid)],
    [AT_SECURE, 0n],
    [AT_RANDOM, randomAt],
    [AT_HWCAP2, 0n],
    [AT_EXECFN, execfn],
    [AT_PLATFORM, platform],
    [AT_NULL, 0n],
  ];
  const words = [
    BigInt(args.length),
    ...argsAt,
    0n,
    ...envAt,
    0n,
    ...auxv.flatMap(([type, value]) => [BigInt(type), value]),
  ];
  space.arguments = {
    args: { start: vaddr(argsAt[0] ?? envAt[0] ?? execfn), end: vaddr(envAt[0] ?? execfn) },
    environment: { start: vaddr(envAt[0] ?? execfn), end: vaddr(execfn) },
    auxv: new Uint8Array(BigUint64Array.from(auxv.flatMap(([type, value]) => [BigInt(type), value])).buffer),
  };
  const rsp = vaddr((top - BigInt(words.length * 8)) & ~15n);
  pieces.push({ at: rsp, bytes: new Uint8Array(BigUint64Array.from(words).buffer) });

  // Then the area: Linux extends it from where the strings end.
  const start = Math.min(vpnOf(stringsStart) - STACK_EXTRA_PAGES, vpnOf(rsp)) as Vpn;
  const prot = PROT_READ | PROT_WRITE | (image.executableStack ? PROT_EXEC : 0);
  const at = { vpn: start, how: 'noreplace' as const }; // a segment up there is refused
  const mapped = space.map({ pages: USER_END - start, at, prot, shared: false, growsDown: true });
  if (mapped instanceof Errno) return mapped;
  for (const { at, bytes } of pieces) if (copyOut(space, at, bytes) !== undefined) return ENOMEM;
  return { rsp, envp: vaddr(rsp + BigInt(8 * (args.length + 2))) };
}

const MIN_ARGUMENT_BYTES = 128 * 1024;
const MAX_ARGUMENT_BYTES = 6 * 1024 * 1024;

/** Bytes of arguments and environment: a quarter of the stack's limit, within bounds (`bprm_stack_limits`). */
const argumentLimit = (stackLimit: bigint): number =>
  Math.max(MIN_ARGUMENT_BYTES, Math.min(MAX_ARGUMENT_BYTES, Number(stackLimit / 4n)));

/** All registers zero but RIP, RSP, IF and the reset values of MXCSR and the x87 control word. */
function firstContext(entry: Vaddr, rsp: Vaddr): CpuContext {
  const context = new Uint8Array(STATE.end - STATE.regs);
  const view = new DataView(context.buffer);
  view.setBigUint64(STATE.regs + RSP * 8, rsp, true);
  view.setBigUint64(STATE.rip, entry, true);
  view.setUint32(STATE.fop, KIND_PACKED * 4, true);
  view.setUint32(STATE.rflagsRest, IF, true);
  view.setUint32(STATE.mxcsr, 0x1f80, true);
  view.setUint16(STATE.x87, 0x37f, true);
  return context;
}
