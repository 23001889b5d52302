/** Executables made by hand, for tests that need a file and no assembler. */

export interface TinySegment {
  readonly address: bigint;
  /** What the file holds. */
  readonly bytes: Uint8Array;
  /** At least as long as the bytes. */
  readonly memoryBytes?: number;
  /** As in p_flags: 1 execute, 2 write, 4 read. */
  readonly flags: number;
}

export interface TinyElf {
  readonly entry: bigint;
  readonly segments: readonly TinySegment[];
  readonly type?: number;
  readonly interpreter?: string;
}

const PAGE = 4096;

/** An ELF64 executable: header, program headers, then each segment's bytes on a page of its own. */
export function tinyElf({ entry, segments, type = 2, interpreter }: TinyElf): Uint8Array {
  const count = segments.length + (interpreter === undefined ? 0 : 1);
  const offsets: number[] = [];
  let end = PAGE;
  for (const { address, bytes } of segments) {
    const offset = end + Number(address % BigInt(PAGE));
    offsets.push(offset);
    end = Math.ceil((offset + bytes.length) / PAGE) * PAGE;
  }
  const file = new Uint8Array(end);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, entry, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, count, true);
  const header = (index: number, fields: [number, number, number, bigint, number, number, number]): void => {
    const [kind, flags, offset, address, fileBytes, memoryBytes, align] = fields;
    const at = 64 + index * 56;
    view.setUint32(at, kind, true);
    view.setUint32(at + 4, flags, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, address, true);
    view.setBigUint64(at + 24, address, true);
    view.setBigUint64(at + 32, BigInt(fileBytes), true);
    view.setBigUint64(at + 40, BigInt(memoryBytes), true);
    view.setBigUint64(at + 48, BigInt(align), true);
  };
  for (const [i, { address, bytes, memoryBytes, flags }] of segments.entries()) {
    header(i, [1, flags, offsets[i], address, bytes.length, memoryBytes ?? bytes.length, PAGE]);
    file.set(bytes, offsets[i]);
  }
  if (interpreter !== undefined) {
    const at = 2048;
    file.set(
      [...interpreter].map((c) => c.charCodeAt(0)),
      at,
    );
    header(segments.length, [3, 4, at, 0n, interpreter.length + 1, interpreter.length + 1, 1]);
  }
  return file;
}

export const TEXT = 0x401000n;
export const DATA = 0x402000n;

/** Text at 0x401000, data and bss at 0x402000. */
export const twoSegments = (
  code: Uint8Array = new Uint8Array([0xf4]),
  data: Uint8Array = new Uint8Array([1, 2, 3, 4]),
): Uint8Array =>
  tinyElf({
    entry: TEXT,
    segments: [
      { address: TEXT, bytes: code, flags: 5 },
      { address: DATA, bytes: data, memoryBytes: data.length + 3 * PAGE, flags: 6 },
    ],
  });
