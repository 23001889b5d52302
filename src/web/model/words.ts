/** A line of arguments as a shell parts it: blanks between words, '...', "..." and \ keep them. Nothing is expanded. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'?|"(?:\\.|[^"\\])*"?|\\.|[^\s'"\\]|\\$)+/g))
    words.push(
      word.replaceAll(
        /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.)/g,
        (_, single, double, escaped) => single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
      ),
    );
  return words;
}

/** Lines of `NAME=value`; undefined: the first that is none, by its number. */
export function parseEnvironment(text: string): Record<string, string> | { readonly badLine: number } {
  const env: Record<string, string> = {};
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const equals = line.indexOf('=');
    if (equals <= 0) return { badLine: i + 1 };
    env[line.slice(0, equals).trim()] = line.slice(equals + 1);
  }
  return env;
}
