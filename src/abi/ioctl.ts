/** Requests of ioctl(2): asm-generic/ioctls.h. */
export const TCGETS = 0x5401;
export const TIOCGWINSZ = 0x5413;
export const FIONREAD = 0x541b;
export const FIONBIO = 0x5421;
export const FIONCLEX = 0x5450;
export const FIOCLEX = 0x5451;
export const FIOASYNC = 0x5452;
export const IOCTL_NAMES: Readonly<Record<number, string>> = {
  [TCGETS]: 'TCGETS', [TIOCGWINSZ]: 'TIOCGWINSZ', [FIONREAD]: 'FIONREAD', [FIONBIO]: 'FIONBIO', [FIONCLEX]: 'FIONCLEX',
  [FIOCLEX]: 'FIOCLEX', [FIOASYNC]: 'FIOASYNC',
}; // biome-ignore format: a table
