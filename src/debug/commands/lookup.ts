/**
 * A line -> the command that it means: by name or alias, or by a beginning that only one command has, word by word for
 * those of two words. gdb's rules, and its words for what is none or too many.
 */
import { UsageError } from '../../base/invariant.ts';
import type { Command } from './define.ts';

export interface Found {
  readonly command: Command;
  /** What follows the name; a format begins with `/`. */
  readonly argument: string;
}

/** Short for the first words of others. */
const PREFIX_ALIASES: Readonly<Record<string, string>> = { i: 'info', inf: 'info' };

/** The commands by their words. Two with the same word are a mistake of ours, and refused. */
export class CommandTable {
  readonly all: readonly Command[];
  private readonly _byName = new Map<string, Command>();
  private readonly _aliases = new Map<string, Command>();
  /** First words that are no commands of their own: `info`, `set`, ... */
  readonly prefixes: ReadonlySet<string>;

  constructor(commands: readonly Command[]) {
    this.all = commands;
    for (const command of commands) {
      for (const name of [command.name, ...(command.aliases ?? [])])
        if (this._byName.has(name) || this._aliases.has(name)) throw new Error(`two commands are called ${name}`);
      this._byName.set(command.name, command);
      for (const alias of command.aliases ?? []) this._aliases.set(alias, command);
    }
    const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    this.prefixes = new Set(names.flatMap((name) => beginnings(name)));
  }

  get(name: string): Command | undefined {
    return this._byName.get(name) ?? this._aliases.get(name);
  }

  /** Throws UsageError for a line that means no command. */
  find(line: string): Found {
    const { word, rest } = firstWord(line);
    let name = this._match(word, '', `"${word}"`, 'help');
    let argument = rest;
    while (this.prefixes.has(name)) {
      const next = firstWord(argument);
      const own = this.get(name);
      if (next.word === '') {
        if (own !== undefined) break;
        const within = this._within(`${name} `).map((full) => full.slice(name.length + 1));
        throw new UsageError(`"${name}" must be followed by one of: ${within.join(', ')}.`);
      }
      // `set x = 1` beside `set variable x = 1`: what is no subcommand may belong to the prefix itself.
      const deeper =
        own === undefined
          ? this._match(next.word, `${name} `, `${name} command: "${next.word}"`, `help ${name}`)
          : this._tryMatch(next.word, `${name} `);
      if (deeper === undefined) break;
      name = deeper;
      argument = next.rest;
    }
    return { command: this.get(name)!, argument: argument.trim() };
  }

  /** Names, and first words of names, that begin with a prefix of complete words. */
  private _within(prefix: string): string[] {
    const names = [...this._byName.keys(), ...this._aliases.keys()].filter((name) => name.startsWith(prefix));
    return [...new Set(names.map((name) => prefix + name.slice(prefix.length).split(' ')[0]))].sort();
  }

  /** The name that a word stands for. */
  private _match(word: string, prefix: string, what: string, help: string): string {
    const undefinedName = new UsageError(`Undefined ${prefix === '' ? `command: ${what}` : what}.  Try "${help}".`);
    if (word === '') throw undefinedName;
    if (prefix === '' && PREFIX_ALIASES[word] !== undefined) return PREFIX_ALIASES[word];
    const full = prefix + word;
    const names = this._within(prefix);
    if (names.includes(full))
      return this._aliases.get(full)?.name.split(' ').slice(0, full.split(' ').length).join(' ') ?? full;
    const begun = names.filter((name) => name.startsWith(full));
    const meant = new Set(begun.map((name) => this._aliases.get(name)?.name ?? name));
    if (meant.size === 1) return [...meant][0];
    if (meant.size === 0) throw undefinedName;
    throw new UsageError(
      `Ambiguous ${prefix}command "${word}": ${begun.map((name) => name.slice(prefix.length)).join(', ')}.`,
    );
  }

  /** What may stand at the end of a line that has only begun: names of commands, without their prefix. */
  complete(line: string): string[] {
    let prefix = '';
    let rest = line;
    for (;;) {
      const next = firstWord(rest);
      if (!next.hasRest)
        return this._within(prefix)
          .filter((name) => name.startsWith(prefix + next.word))
          .map((name) => name.slice(prefix.length));
      const name = this._tryMatch(next.word, prefix);
      if (name === undefined || !this.prefixes.has(name)) return [];
      prefix = `${name} `;
      rest = next.rest;
    }
  }

  /** The command that a line means; undefined while it means none. */
  tryFind(line: string): Found | undefined {
    try {
      return this.find(line);
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }

  private _tryMatch(word: string, prefix: string): string | undefined {
    try {
      return this._match(word, prefix, '', '');
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }
}

/** `info` and `info proc` of `info proc mappings`. */
function beginnings(name: string): string[] {
  const words = name.split(' ');
  return words.slice(1).map((_, i) => words.slice(0, i + 1).join(' '));
}

/** `x/4xw $sp` -> `x` and `/4xw $sp`; `hasRest`: the word is complete. */
function firstWord(line: string): { word: string; rest: string; hasRest: boolean } {
  const [, word, rest] = /^\s*([\w-]*)(.*)$/s.exec(line)!;
  return { word, rest: rest.trimStart(), hasRest: rest !== '' };
}
