/** Every command there is. A new one is entered here. */
import { infoAuxv } from './auxv.ts';
import { backtrace } from './backtrace.ts';
import { breakpoint, tbreak } from './breakpoints.ts';
import { catchEvent, tcatch } from './catch.ts';
import { infoFds } from './descriptors.ts';
import { disassemble } from './disassemble.ts';
import { display, infoDisplay, undisplay } from './display.ts';
import { echo } from './echo.ts';
import { frame } from './frame.ts';
import { help, quit } from './help.ts';
import * as history from './history.ts';
import { infoFrame } from './info-frame.ts';
import { infoLine } from './line.ts';
import { list } from './list.ts';
import { CommandTable, type Found } from './lookup.ts';
import { infoProc, infoProcMappings } from './memory-maps.ts';
import { endInput, input, output } from './output-command.ts';
import { print } from './print.ts';
import { infoAllRegisters, infoFloat, infoRegisters, infoVector } from './registers.ts';
import * as running from './running.ts';
import { handle, setFollowForkMode, settingsWithoutEffect, showFollowForkMode } from './settings.ts';
import { down, up } from './stack-frames.ts';
import {
  clear,
  condition,
  deleteStops,
  disable,
  enable,
  ignore,
  infoBreakpoints,
  infoWatchpoints,
} from './stop-commands.ts';
import { end, stopLines } from './stop-lines.ts';
import { infoSharedLibrary, infoSignals, infoSymbol } from './symbols.ts';
import { inferior, infoInferiors, infoThreads, thread } from './threads.ts';
import { setVariable, whatis } from './variables.ts';
import { walk } from './walk.ts';
import { awatch, rwatch, watch } from './watchpoints.ts';
import { whoWrote } from './who-wrote.ts';
import { x } from './x.ts';

/** In the order of `help`, within their groups. */
export const COMMANDS = new CommandTable([
  ...Object.values(running),
  breakpoint,
  tbreak,
  watch,
  rwatch,
  awatch,
  catchEvent,
  tcatch,
  infoBreakpoints,
  infoWatchpoints,
  deleteStops,
  clear,
  enable,
  disable,
  ignore,
  condition,
  stopLines,
  end,
  handle,
  print,
  x,
  display,
  undisplay,
  infoDisplay,
  infoRegisters,
  infoAllRegisters,
  infoVector,
  infoFloat,
  setVariable,
  whatis,
  list,
  disassemble,
  backtrace,
  up,
  down,
  infoFrame,
  infoLine,
  infoSymbol,
  infoSharedLibrary,
  infoThreads,
  infoInferiors,
  thread,
  inferior,
  infoProcMappings,
  infoProc,
  infoFds,
  infoSignals,
  infoAuxv,
  walk,
  frame,
  whoWrote,
  ...Object.values(history),
  output,
  input,
  endInput,
  setFollowForkMode,
  showFollowForkMode,
  ...settingsWithoutEffect,
  echo,
  help,
  quit,
]);

export const findCommand = (line: string): Found => COMMANDS.find(line);
