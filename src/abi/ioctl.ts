/** Requests of ioctl(2): asm-generic/ioctls.h. */
export const TCGETS = 0x5401;
export const TIOCGWINSZ = 0x5413;
export const IOCTL_NAMES: Readonly<Record<number, string>> = { [TCGETS]: 'TCGETS', [TIOCGWINSZ]: 'TIOCGWINSZ' };
