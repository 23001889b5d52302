/** What nasm(1) and ld(1) print, as diagnostics at lines of sources. Lines that say nothing by themselves are left out. */

export interface Diagnostic {
  /** As the tool names it, without the directory that it ran in; undefined where the message is of no file. */
  readonly file: string | undefined;
  /** From 1. */
  readonly line: number | undefined;
  /** A note belongs to the diagnostic before it. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly text: string;
  readonly tool: 'nasm' | 'ld';
}

const SEVERITIES: Readonly<Record<string, Diagnostic['severity']>> = {
  panic: 'error',
  fatal: 'error',
  error: 'error',
  warning: 'warning',
  info: 'note',
  note: 'note',
  debug: 'note',
};

/**
 * `demo.asm:103: warning: signed dword immediate exceeds bounds [-w+number-overflow]`, and below an error in a macro
 * `demo.asm:4: ... from macro `two' defined here`; without a file `nasm: fatal: ...`.
 */
export function parseNasm(output: string): Diagnostic[] {
  return linesOf(output).map((text): Diagnostic => {
    const [, file, line, rest] = /^(?!nasm:)(.+?):(\d+): (.*)$/.exec(text) ?? [];
    const message = rest ?? text.replace(/^nasm: /, '');
    const [, severity, words] = /^(\w+): (.*)$/.exec(message) ?? [];
    const known = SEVERITIES[severity ?? ''];
    return {
      file,
      line: line === undefined ? undefined : Number(line),
      severity: known ?? (message.startsWith('...') ? 'note' : 'error'),
      text: known === undefined ? message : words,
      tool: 'nasm',
    };
  });
}

/**
 * `ld: /asm//demo.asm:5: undefined reference to `foo'`, with line tables; without, `ld: demo.o:(.data+0x0): ...`; of the
 * whole, `ld: warning: cannot find entry symbol _start; ...`. Which function it is in the line says, too.
 */
export function parseLd(output: string, directory: string): Diagnostic[] {
  return linesOf(output)
    .filter((line) => !/: in function `[^']*':$/.test(line))
    .map((line): Diagnostic => {
      const text = line.replace(/^ld: /, '');
      const [, path, number, rest] = /^(\S+?):(\d+): (.*)$/.exec(text) ?? [];
      const message = rest ?? text;
      const warning = /^(?:\S+: )?warning: (.*)$/.exec(message)?.[1];
      return {
        file: path === undefined ? undefined : relativeTo(path, directory),
        line: number === undefined ? undefined : Number(number),
        severity: warning === undefined ? 'error' : 'warning',
        text: warning ?? message,
        tool: 'ld',
      };
    });
}

const linesOf = (output: string): string[] => output.split('\n').filter((line) => line.trim() !== '');

/** A path below a directory, as seen from it; nasm writes the directory with one slash more than it needs. */
function relativeTo(path: string, directory: string): string {
  const plain = path.replaceAll(/\/{2,}/g, '/');
  const prefix = `${directory.replace(/\/$/, '')}/`;
  return plain.startsWith(prefix) ? plain.slice(prefix.length) : plain;
}
