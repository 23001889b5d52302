/**
 * Writes a WebAssembly module: types, imports, functions, exports, the element segment that puts functions into the
 * shared table, and branch hints. WebAssembly Core Specification 3.0, "Binary Format: Modules"; hints are the custom
 * section `metadata.code.branch_hint` of the branch-hinting proposal.
 */
import { Code, FUNCREF, type ValType } from './code.ts';

/** Of any memory that may be imported: 4 GiB. */
export const MAX_WASM_PAGES = 65536;

interface FuncType {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}
/** Byte offset in the function's body, from the start of its local declarations, of an `if` or `br_if`. */
export interface BranchHint {
  readonly offset: number;
  readonly likely: boolean;
}
interface FuncBody {
  readonly type: number;
  readonly locals: readonly ValType[];
  readonly code: Uint8Array;
  readonly hints: readonly BranchHint[];
}

export class ModuleWriter {
  private readonly _types: FuncType[] = [];
  private readonly _imports: { module: string; name: string; write: (out: Code) => void }[] = [];
  private readonly _funcs: FuncBody[] = [];
  private readonly _exports: { name: string; func: number }[] = [];
  private readonly _elements: { tableIndex: number; func: number }[] = [];
  private _importedFuncs = 0;

  type(params: readonly ValType[], results: readonly ValType[]): number {
    const found = this._types.findIndex((t) => sameList(t.params, params) && sameList(t.results, results));
    return found >= 0 ? found : this._types.push({ params, results }) - 1;
  }
  /** All imports come before the first `func`. Returns the function's index. */
  importFunc(module: string, name: string, type: number): number {
    this._imports.push({
      module,
      name,
      write: (out) => {
        out.byte(0);
        out.u32(type);
      },
    });
    return this._importedFuncs++;
  }
  importMemory(module: string, name: string, maximum: number): void {
    this._imports.push({
      module,
      name,
      write: (out) => {
        out.byte(2);
        out.byte(1);
        out.u32(0);
        out.u32(maximum);
      },
    });
  }
  importTable(module: string, name: string): void {
    this._imports.push({
      module,
      name,
      write: (out) => {
        out.byte(1);
        out.byte(FUNCREF);
        out.byte(0);
        out.u32(0);
      },
    });
  }
  /** Adds a function; `code` ends with `end`. Returns its index. */
  func(type: number, locals: readonly ValType[], code: Uint8Array, hints: readonly BranchHint[] = []): number {
    return this._importedFuncs + this._funcs.push({ type, locals, code, hints }) - 1;
  }
  export(name: string, func: number): void {
    this._exports.push({ name, func });
  }
  /** Puts a function into table 0 at instantiation. */
  element(tableIndex: number, func: number): void {
    this._elements.push({ tableIndex, func });
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Code(4096);
    out.append(HEADER);
    section(out, 1, this._types, (s, t) => {
      s.byte(0x60);
      list(s, t.params, (v) => s.byte(v));
      list(s, t.results, (v) => s.byte(v));
    });
    section(out, 2, this._imports, (s, i) => {
      name(s, i.module);
      name(s, i.name);
      i.write(s);
    });
    section(out, 3, this._funcs, (s, f) => s.u32(f.type));
    section(out, 7, this._exports, (s, e) => {
      name(s, e.name);
      s.byte(0);
      s.u32(e.func);
    });
    section(out, 9, this._elements, (s, e) => {
      s.u32(0);
      s.i32Const(e.tableIndex);
      s.end();
      list(s, [e.func], (f) => s.u32(f));
    });
    this._writeHints(out);
    section(out, 10, this._funcs, (s, f) => {
      const locals = new Code(32);
      writeLocals(locals, f.locals);
      s.u32(locals.length + f.code.length);
      s.append(locals.bytes());
      s.append(f.code);
    });
    return out.bytes().slice();
  }

  private _writeHints(out: Code): void {
    const hinted = this._funcs.map((f, i) => ({ f, i })).filter(({ f }) => f.hints.length > 0);
    if (hinted.length === 0) return;
    const s = new Code(1024);
    name(s, 'metadata.code.branch_hint');
    list(s, hinted, ({ f, i }) => {
      const locals = new Code(32);
      writeLocals(locals, f.locals);
      s.u32(this._importedFuncs + i);
      list(s, f.hints, (hint) => {
        s.u32(locals.length + hint.offset);
        s.u32(1);
        s.byte(hint.likely ? 1 : 0);
      });
    });
    out.byte(0);
    out.u32(s.length);
    out.append(s.bytes());
  }
}

const HEADER = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}
function list<T>(out: Code, items: readonly T[], write: (item: T) => void): void {
  out.u32(items.length);
  for (const item of items) write(item);
}
function name(out: Code, text: string): void {
  list(out, [...text], (c) => out.byte(c.charCodeAt(0)));
}
function section<T>(out: Code, id: number, items: readonly T[], write: (section: Code, item: T) => void): void {
  if (items.length === 0) return;
  const body = new Code(1024);
  list(body, items, (item) => write(body, item));
  out.byte(id);
  out.u32(body.length);
  out.append(body.bytes());
}
/** Locals as runs of one type. */
function writeLocals(out: Code, locals: readonly ValType[]): void {
  const runs: { type: ValType; count: number }[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  list(out, runs, (run) => {
    out.u32(run.count);
    out.byte(run.type);
  });
}
