/**
 * Where in a program an instruction is: symbol and offset of the program that the story is about, file and offset of
 * anything else that is mapped. Asked while the machine stands still, since areas come and go.
 */
import { hex, PAGE, vaddrOf, vpnOf } from '../../base/ints.ts';
import type { ElfImage } from '../../elf/image.ts';
import { Symbols } from '../../elf/symbols.ts';
import { vmaName } from '../../kernel/mm/describe.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';

/** A place in the code. */
export interface CodePlace {
  readonly rip: bigint;
  /** `_start+0x39`, `libc.so.6+0x2a1b0`; undefined in code without a name. */
  readonly name: string | undefined;
  /** `demo.asm:41`, where the program has line tables. */
  readonly line: string | undefined;
}

export class CodePlaces {
  private readonly _imageOf: () => ElfImage;
  private _symbols: Symbols | undefined;
  /** The file of the first program. */
  private _program: Inode | undefined;

  /** The image is asked for once the program runs. */
  constructor(imageOf: () => ElfImage) {
    this._imageOf = imageOf;
  }

  /** The program has been loaded. */
  onFirstExec(task: Task): void {
    this._program = task.process.exe?.inode;
  }

  find(task: Task, rip: bigint): CodePlace {
    const vma = task.hasMemory() ? task.mm.vmas.find(vpnOf(rip)) : undefined;
    return { rip, name: vma && this._nameIn(task, vma, rip), line: undefined };
  }

  private _nameIn({ mm }: Task, vma: Vma, rip: bigint): string | undefined {
    const at = rip - vaddrOf(vma.start) + BigInt(vma.offset) * PAGE;
    if (vma.file === undefined) {
      const name = vmaName(mm, vma);
      return name === '' ? undefined : plus(name, rip - vaddrOf(vma.start));
    }
    if (this._program !== undefined && vma.file.dentry?.inode === this._program) {
      const image = this._imageOf();
      const part = image.segments.find(
        ({ offset, fileBytes }) => at >= BigInt(offset) && at < BigInt(offset) + BigInt(fileBytes),
      );
      this._symbols ??= new Symbols(image.bytes);
      const found = part && this._symbols.findAt(part.address + at - BigInt(part.offset));
      if (found) return plus(found.symbol.name, BigInt(found.offset));
    }
    return plus(vmaName(mm, vma).replace(/^.*\//, ''), at);
  }
}

const plus = (name: string, offset: bigint): string => (offset === 0n ? name : `${name}+${hex(offset)}`);
