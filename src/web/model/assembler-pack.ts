/**
 * What the build packs of its own machine's assembler and linker for the page (vite/assembler-pack.ts), and how the page
 * takes it out again. The manifest is small; the files, which are compressed, come only when somebody assembles.
 */

export interface PackedFile {
  /** Where it is in the guest. */
  readonly path: string;
  readonly mode: number;
  readonly sizeBytes: number;
  /** Beside the manifest: the file, compressed with gzip. */
  readonly stored: string;
  readonly storedBytes: number;
}

/** A package of the machine that built the page, whose files are in the pack. */
export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  /** Beside the manifest: the package's copyright file, if it has one. */
  readonly copyright: string | undefined;
}

export interface AssemblerPack {
  /** `NASM version 2.16.01`. */
  readonly nasm: string;
  /** `GNU ld (GNU Binutils for Debian) 2.40`. */
  readonly ld: string;
  readonly files: readonly PackedFile[];
  readonly packages: readonly PackedPackage[];
}

/** Built on a machine that has nothing to pack: in place of the pack. */
export interface NoAssembler {
  readonly missing: string;
}

export const MANIFEST = 'manifest.json';
/** The same for people, with the licences. */
export const NOTICE = 'NOTICE.txt';

/** A file as it was before it was packed. The error says what is wrong with the copy that the page has got. */
export async function unpack(file: PackedFile, stored: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([stored]).stream().pipeThrough(new DecompressionStream('gzip'));
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new Error(`${file.stored} is not what was built: it cannot be decompressed`);
  }
  if (bytes.length !== file.sizeBytes)
    throw new Error(`${file.stored} is not what was built: ${bytes.length} bytes in place of ${file.sizeBytes}`);
  return bytes;
}
