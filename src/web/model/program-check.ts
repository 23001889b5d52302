/**
 * What a file is that somebody hands to the page: a program that can be run, a source, or why it is neither, in one line,
 * and what could be done about it.
 */
import { ElfError, parseElf } from '../../elf/image.ts';
import { neededLibraries } from '../../elf/needed.ts';

export type FileCheck =
  | {
      readonly kind: 'program';
      /** `position-independent, dynamically linked`. */
      readonly text: string;
      /** Paths and names of what has to be there besides: the dynamic linker first, then libraries. None of a static one. */
      readonly needs: readonly string[];
    }
  | { readonly kind: 'library' | 'source' }
  | { readonly kind: 'refused'; readonly why: string; readonly advice: string };

/** What a page can hold without harm. */
export const MOST_BYTES = 128 << 20;

const MACHINES: Readonly<Record<number, string>> = {
  2: 'SPARC', 3: '32-bit x86', 8: 'MIPS', 20: 'PowerPC', 21: '64-bit PowerPC', 22: 'S/390', 40: '32-bit ARM',
  183: '64-bit ARM', 243: 'RISC-V', 258: 'LoongArch',
}; // biome-ignore format: a table
const FOR_X86_64 = 'Build it for x86-64 Linux: nasm -f elf64, or gcc on such a machine, or a cross compiler.';
const ET_DYN = 3;

export async function checkFile(name: string, bytes: Uint8Array): Promise<FileCheck> {
  if (bytes.length > MOST_BYTES)
    return refused('larger than 128 MiB', 'Run it with the pml4 command, outside of a browser.');
  const isElf = startsWith(bytes, [0x7f, 0x45, 0x4c, 0x46]);
  if (!isElf) return checkOther(name, bytes);
  const image = await parseElf(bytes);
  if (image instanceof ElfError) return { kind: 'refused', ...elfRefusal(bytes, image.message) };
  const needs = [...(image.interpreter === undefined ? [] : [image.interpreter]), ...neededLibraries(bytes)];
  if (/\.so(?:\.[\d.]+)?$/.test(name) && image.interpreter === undefined && image.type === 'pie')
    return { kind: 'library' };
  const type = image.type === 'pie' ? 'position-independent' : 'at fixed addresses';
  return { kind: 'program', text: `${needs.length > 0 ? 'dynamically' : 'statically'} linked, ${type}`, needs };
}

function elfRefusal(bytes: Uint8Array, why: string): { why: string; advice: string } {
  const machine = bytes.length < 20 ? 0 : bytes[18] + bytes[19] * 256;
  const type = bytes.length < 18 ? 0 : bytes[16];
  if (why.startsWith('an object file')) return { why, advice: 'Link it: ld FILE.o -o PROGRAM.' };
  if (why.startsWith('a core dump')) return { why, advice: 'Open the program that has left it.' };
  const made = MACHINES[machine];
  if (made !== undefined) return { why: `made for ${made}, not for x86-64`, advice: FOR_X86_64 };
  if (/^truncated|past the end of the file/.test(why)) return { why, advice: 'The file is not whole: copy it again.' };
  if (type === ET_DYN && why.startsWith('the entry point')) return { why: 'a shared library', advice: DROP_TOGETHER };
  return { why, advice: FOR_X86_64 };
}
const DROP_TOGETHER = 'Drop it together with the program that uses it.';

function checkOther(name: string, bytes: Uint8Array): FileCheck {
  if (/\.(?:asm|s|nasm|inc)$/i.test(name) && isText(bytes)) return { kind: 'source' };
  if (bytes.length === 0) return refused('empty', 'Drop an x86-64 Linux program, or an assembly source.');
  if (startsWith(bytes, [0x4d, 0x5a])) return refused('a program for Windows', FOR_X86_64);
  const magic = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if ([0xcffaedfe, 0xcefaedfe, 0xcafebabe, 0xfeedfacf].includes(magic))
    return refused('a program for macOS', FOR_X86_64);
  if (magic === 0x0061736d) return refused('a WebAssembly module', FOR_X86_64);
  if (startsWith(bytes, [0x23, 0x21]))
    return refused('a script', 'It needs its interpreter: run it with the pml4 command and --root /.');
  if (/\.(?:c|cc|cpp|h|rs|go)$/i.test(name) && isText(bytes))
    return refused(
      'a source that is not assembly',
      'Compile it for x86-64 Linux, best with -static, and drop the program.',
    );
  if (isText(bytes)) return refused('a text, no program', 'Assembly sources are called .asm or .s.');
  return refused('not an ELF file', 'Drop an x86-64 Linux program, or an assembly source.');
}

const refused = (why: string, advice: string): FileCheck => ({ kind: 'refused', why, advice });

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);

/** UTF-8 without NUL, as far as one looks. */
function isText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 4096);
  if (head.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
