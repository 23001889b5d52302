/**
 * The terminal that Node.js runs in, handed to a guest whose own line discipline makes of keys what they mean: raw while
 * the machine runs, and afterwards as it was. Node itself restores it however the process ends, short of SIGKILL.
 */
import type { Terminal } from './host.ts';

const DEFAULT_SIZE = { rows: 24, columns: 80 };

/** Whether a guest should get a terminal: both ends of it are there. */
export function isTerminal(): boolean {
  const { isatty } = process.getBuiltinModule('node:tty');
  return isatty(0) && isatty(1);
}

export class HostTerminal implements Terminal {
  onInput: ((bytes: Uint8Array) => void) | undefined;
  onEnd: (() => void) | undefined;
  onHangUp: (() => void) | undefined;
  onResize: (() => void) | undefined;
  private readonly _write: (bytes: Uint8Array) => void;
  private _isEnded = false;
  private readonly _resized = () => this.onResize?.();
  private readonly _hungUp = () => this.onHangUp?.();
  private readonly _continued = () => this._raw();

  /** Takes the terminal over at once, so that no key gets lost. */
  constructor(write: (bytes: Uint8Array) => void) {
    this._write = write;
    const { stdin, stdout } = process;
    this._raw();
    stdin.on('data', (bytes: Uint8Array) => this.onInput?.(new Uint8Array(bytes)));
    stdin.on('error', this._hungUp);
    stdin.on('end', () => {
      this._isEnded = true;
      if (stdin.isTTY) this.onHangUp?.();
      else this.onEnd?.();
    });
    stdout.on('resize', this._resized);
    process.on('SIGHUP', this._hungUp);
    process.on('SIGCONT', this._continued);
  }

  /** Node's raw mode still adds a carriage return to each line, which is the guest's own affair: stty(1) can say so. */
  private _raw(): void {
    const { stdin } = process;
    if (!stdin.isTTY) return;
    stdin.setRawMode(true);
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    spawnSync('stty', ['raw', '-echo'], { stdio: [0, 'ignore', 'ignore'] });
  }

  size(): { readonly rows: number; readonly columns: number } {
    const { rows, columns } = process.stdout;
    return rows > 0 && columns > 0 ? { rows, columns } : DEFAULT_SIZE;
  }
  write(bytes: Uint8Array): void {
    this._write(bytes);
  }
  /** Keys come by themselves; but what is no terminal, and has ended, ends again for everybody who reads. */
  want(): boolean {
    if (!this._isEnded || process.stdin.isTTY) return false;
    this.onEnd?.();
    return true;
  }
  isPending(): boolean {
    return !this._isEnded;
  }

  /** The terminal is as it was. */
  close(): void {
    const { stdin, stdout } = process;
    stdin.removeAllListeners('data');
    stdin.pause();
    if (stdin.isTTY) stdin.setRawMode(false);
    // A file, such as /dev/null, is no handle that Node waits for.
    stdin.unref?.();
    stdout.off('resize', this._resized);
    process.off('SIGHUP', this._hungUp);
    process.off('SIGCONT', this._continued);
  }
}
