/**
 * elfinfo asks for modules of Node that it does not need from us: `fs`, for inputs that are paths (it gets bytes), and
 * `string_decoder`, without which it takes TextDecoder. The bundles have empty ones in their place, for Node and for
 * browsers alike.
 */
export const NEEDLESS_MODULES: RegExp = /^(fs(\/promises)?|string_decoder)$/;

/** Whether a file is one of elfinfo's. */
export const isElfinfo = (file: string): boolean => /[\\/]elfinfo[\\/]/.test(file);
