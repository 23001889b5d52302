/**
 * dist/cli.js: starts the bundle of the command, `run` or all of them, with V8's code cache of its functions. Node's own compile cache keeps
 * what is compiled when a file is loaded, which is hardly more than its outermost function; this one is made when a run
 * ends and has every function the run has called. It lies in the directory of Node's (none when that is disabled).
 * Later runs that take long, and so call more, make it anew a few times; each such file is a generation.
 */
import type { Script } from 'node:vm';

/** A bundle: its file beside this one, and a hash of its text, since V8 itself compares no more than lengths. */
interface Bundle {
  readonly file: string;
  readonly hash: string;
}
declare const RUN_BUNDLE: Bundle;
declare const MAIN_BUNDLE: Bundle;

const GENERATIONS = 4;
/** Making a cache takes about 15 ms. */
const LONG_RUN_SECONDS = 0.3;

const fs = process.getBuiltinModule('node:fs');
const node = process.getBuiltinModule('node:module');
const vm = process.getBuiltinModule('node:vm');

interface CodeCache {
  /** 0: there is none. */
  readonly generation: number;
  readonly bytes: Buffer | undefined;
}

launch(isRun(process.argv) ? RUN_BUNDLE : MAIN_BUNDLE);

/** main.ts answers for everything else, and when somebody asks how to run. */
function isRun([, , command, word]: readonly string[]): boolean {
  return command === 'run' && word !== '--help' && word !== '-h';
}

function launch(bundle: Bundle): void {
  const file = `${__dirname}/${bundle.file}`;
  const text = fs.readFileSync(file, 'latin1');
  const directory = cacheDirectory();
  const path = directory === undefined ? undefined : `${directory}/pml4-${bundle.hash}.cache`;
  const cache = path === undefined ? undefined : readCache(path);
  const script = new vm.Script(text, { filename: file, cachedData: cache?.bytes });
  if (cache !== undefined) process.on('exit', () => improveCache(path!, cache, script));
  script.runInThisContext()(exports, require, module, file, __dirname);
}

function cacheDirectory(): string | undefined {
  try {
    node.enableCompileCache?.();
    return node.getCompileCacheDir?.();
  } catch {
    return undefined;
  }
}

/** The file's last byte is its generation. */
function readCache(path: string): CodeCache {
  try {
    const file = fs.readFileSync(path);
    return { generation: file[file.length - 1], bytes: file.subarray(0, -1) };
  } catch {
    return { generation: 0, bytes: undefined };
  }
}

/** Whatever goes wrong here, the run has been good. */
function improveCache(path: string, { generation, bytes }: CodeCache, script: Script): void {
  const isUsable = bytes !== undefined && !script.cachedDataRejected;
  if (isUsable && (generation >= GENERATIONS || process.uptime() < LONG_RUN_SECONDS)) return;
  try {
    const made = script.createCachedData();
    // V8 forgets functions that have not run for long.
    const better = isUsable && made.length < bytes.length ? bytes : made;
    const temporary = `${path}-${process.pid}.tmp`;
    fs.writeFileSync(temporary, Buffer.concat([better, Buffer.of(isUsable ? generation + 1 : 1)]));
    fs.renameSync(temporary, path);
  } catch {}
}
