/**
 * Source lines of a thread's code: which line an address is of, which address a line has, and the text, as far as the
 * files are at hand. Lines come from the ELF files that the process has mapped; the text from a reader that is given.
 */
import type { SourceFile } from '../../elf/lines.ts';
import type { Task } from '../../kernel/task/task.ts';
import { findSymbol, lineAt, type Module, modulesOf, sourceFilesOf } from '../inspect/modules.ts';
import { readRegisters } from '../inspect/registers.ts';
import type { SourcePlace } from './output.ts';
import type { Session } from './session.ts';

type ReadSource = (path: string) => string | undefined;

export class SourceFiles {
  private readonly _read: ReadSource;
  /** By path. Undefined: looked for, and not there. */
  private readonly _texts = new Map<string, readonly string[] | undefined>();

  constructor(read: ReadSource) {
    this._read = read;
  }

  /** `isReturn`: the address is behind a call, whose line it is to be. */
  placeOf(task: Task, address: bigint, isReturn: boolean): SourcePlace | undefined {
    const found = lineAt(task, isReturn ? address - 1n : address);
    if (found === undefined) return undefined;
    const { file, line, start } = found;
    return {
      file: file.name,
      path: file.path,
      line,
      isStart: !isReturn && start === address,
      text: this._linesOf(file)?.[line - 1],
    };
  }

  /** Undefined: there is no such file's text. By path or by any name that the debugging information has for it. */
  lines(task: Task, name: string): readonly string[] | undefined {
    const found = this.find(task, name);
    return found && this._linesOf(found.file);
  }

  find(task: Task, name: string): { readonly file: SourceFile; readonly module: Module } | undefined {
    for (const module of modulesOf(task)) {
      const [file] = module.file.lines.findFiles(name);
      if (file !== undefined) return { file, module };
    }
    return undefined;
  }

  /** The file of the code where the thread stands, or that its program begins with. */
  currentFile(session: Session, task: Task): string | undefined {
    if (session.listed !== undefined) return session.listed.file;
    const rip = readRegisters(task)?.rip;
    const here = rip === undefined ? undefined : this.placeOf(task, rip, false);
    if (here !== undefined) return here.path;
    const main = findSymbol(task, 'main');
    const ofMain = main && lineAt(task, main.address);
    return ofMain?.file.path ?? modulesOf(task)[0]?.file.lines.files()[0]?.path;
  }

  /** Names of all files with code, for completion. */
  files(task: Task | undefined): string[] {
    if (task === undefined) return [];
    return sourceFilesOf(task).map(({ name }) => name);
  }

  private _linesOf({ path, name }: SourceFile): readonly string[] | undefined {
    if (!this._texts.has(path)) {
      const text = this._read(path) ?? this._read(name);
      this._texts.set(path, text?.replace(/\n$/, '').split('\n'));
    }
    return this._texts.get(path);
  }
}
