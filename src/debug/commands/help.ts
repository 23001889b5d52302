/** help: all commands by groups, those of a prefix, or one with its usage. quit. */
import { UsageError } from '../../base/invariant.ts';
import { type Command, command, GROUPS, type Group } from './define.ts';
import { COMMANDS } from './index.ts';
import { say } from './output.ts';
import { none, text } from './params.ts';

export const help = command({
  name: 'help',
  aliases: ['h'],
  group: 'session',
  params: text(undefined, 'command'),
  usage: '[COMMAND]',
  help: 'List the commands, or explain one.',
  run: (_, { text: name }) => [say(name === '' ? overview() : explain(name))],
});

export const quit = command({
  name: 'quit',
  aliases: ['q', 'exit'],
  group: 'session',
  params: none,
  help: 'End the session.',
  run: () => [{ kind: 'quit' }],
});

function overview(): string {
  const groups = Object.keys(GROUPS) as Group[];
  const parts = groups.map((group) => {
    const commands = COMMANDS.all.filter((one) => one.group === group && !one.isHidden);
    return `${GROUPS[group]}:\n${listing(commands)}`;
  });
  return `${parts.join('\n\n')}\n\nhelp COMMAND explains one. Unique beginnings will do: inf reg rip. Expressions are those of gdb.`;
}

const listing = (commands: readonly Command[]): string =>
  commands
    .map((one) => {
      const names = [one.name, ...(one.aliases ?? [])].join(', ');
      return `  ${names} -- ${firstSentence(one.help)}`;
    })
    .join('\n');

const firstSentence = (textOfHelp: string): string => /^.*?\.(?=\s|$)/s.exec(textOfHelp)![0];

function explain(name: string): string {
  const words = name.trim();
  if (COMMANDS.prefixes.has(words) && COMMANDS.get(words) === undefined)
    return listing(COMMANDS.all.filter((one) => one.name.startsWith(`${words} `)));
  const found = COMMANDS.tryFind(words);
  if (found === undefined || found.argument !== '') throw new UsageError(`Undefined command: "${words}".  Try "help".`);
  const { command: one } = found;
  const names = [one.name, ...(one.aliases ?? [])].join(', ');
  return `${names}\n${one.help}\nUsage: ${one.name}${one.usage === undefined ? '' : ` ${one.usage}`}`;
}
