/**
 * dist/cli.js: starts the bundle of the command with V8's code cache of its functions. Node's own compile cache keeps
 * what is compiled when a file is loaded, which is hardly more than its outermost function; this one is made when a run
 * ends and has every function the run has called. It lies in the directory of Node's (none when that is disabled).
 * Later runs that take long, and so call more, make it anew a few times; each such file is a generation.
 */
import type { Script } from 'node:vm';

/** File of the bundle beside this one, and a hash of its text: V8 itself compares no more than lengths. */
declare const BUNDLE: string;
declare const BUNDLE_HASH: string;

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

launch();

function launch(): void {
  const file = `${__dirname}/${BUNDLE}`;
  const text = `(function(exports,require,module,__filename,__dirname){${fs.readFileSync(file, 'latin1')}\n})`;
  const directory = cacheDirectory();
  const cache = directory === undefined ? undefined : readCache(directory);
  const script = new vm.Script(text, { filename: file, cachedData: cache?.bytes });
  if (cache !== undefined) process.on('exit', () => improveCache(directory!, cache, script));
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

function cachePath(directory: string): string {
  return `${directory}/pml4-${BUNDLE_HASH}.cache`;
}

/** The file's last byte is its generation. */
function readCache(directory: string): CodeCache {
  try {
    const file = fs.readFileSync(cachePath(directory));
    return { generation: file[file.length - 1], bytes: file.subarray(0, -1) };
  } catch {
    return { generation: 0, bytes: undefined };
  }
}

/** Whatever goes wrong here, the run has been good. */
function improveCache(directory: string, { generation, bytes }: CodeCache, script: Script): void {
  const isUsable = bytes !== undefined && !script.cachedDataRejected;
  if (isUsable && (generation >= GENERATIONS || process.uptime() < LONG_RUN_SECONDS)) return;
  try {
    const made = script.createCachedData();
    // V8 forgets functions that have not run for long.
    const better = isUsable && made.length < bytes.length ? bytes : made;
    const temporary = `${directory}/pml4-${process.pid}.tmp`;
    fs.writeFileSync(temporary, Buffer.concat([better, Buffer.of(isUsable ? generation + 1 : 1)]));
    fs.renameSync(temporary, cachePath(directory));
  } catch {}
}
