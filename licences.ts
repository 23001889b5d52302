/** The licences of the packages in a bundle, which have to be given with it: one text file beside what is built. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** Names, versions and licences of the packages that these files are of; paths as bundlers give them. */
export function describeLicences(files: Iterable<string>): string {
  const packages = [...files].flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const texts = [...new Set(packages.map((path) => resolve(ROOT, path)))].sort().map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
    const licence = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
    const text = licence === undefined ? '' : readFileSync(`${directory}/${licence}`, 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `The bundles contain these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
