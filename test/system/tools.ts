/** Says which of the tools that the system tests need is missing, all at once, before any test runs. */
import { toolVersion } from '../../asm/assemble.ts';

/** Tool -> the Debian package it is in. */
const TOOLS: Readonly<Record<string, string>> = {
  nasm: 'nasm',
  ld: 'binutils',
  gcc: 'gcc',
  'musl-gcc': 'musl-tools',
  strace: 'strace',
  gdb: 'gdb',
  'qemu-x86_64': 'qemu-user',
  script: 'bsdutils',
  tmux: 'tmux',
  chromium: 'chromium',
};

export default function requireTools(): void {
  const missing = Object.keys(TOOLS).filter((tool) => toolVersion(tool) === undefined);
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('npm run test:system compares with Linux on x86-64 itself, so it needs one');
  if (missing.length > 0)
    throw new Error(
      `npm run test:system needs ${missing.join(', ')}: apt-get install ${missing.map((tool) => TOOLS[tool]).join(' ')}`,
    );
}
