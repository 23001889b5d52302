/** Operations of arch_prctl(2): asm/prctl.h. */
export const ARCH_SET_GS = 0x1001;
export const ARCH_SET_FS = 0x1002;
export const ARCH_GET_FS = 0x1003;
export const ARCH_GET_GS = 0x1004;
export const ARCH_NAMES: Readonly<Record<number, string>> = {
  [ARCH_SET_GS]: 'ARCH_SET_GS',
  [ARCH_SET_FS]: 'ARCH_SET_FS',
  [ARCH_GET_FS]: 'ARCH_GET_FS',
  [ARCH_GET_GS]: 'ARCH_GET_GS',
};
