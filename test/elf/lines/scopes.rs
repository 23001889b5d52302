//! Code as LLVM writes its lines: a row before each function's prologue and one behind it. No library: _start is here.
#![no_std]
#![no_main]

use core::arch::asm;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    leave(101)
}

fn leave(status: i32) -> ! {
    unsafe { asm!("syscall", in("rax") 60, in("rdi") status, options(noreturn)) }
}

#[inline(never)]
fn sum(values: &[i32]) -> i32 {
    let mut total = 0;
    let mut at = 0;
    while at < values.len() {
        total = next(total, unsafe { *values.as_ptr().add(at) }); at += 1;
    }
    total
}

fn next(total: i32, value: i32) -> i32 { total.wrapping_add(value) }

fn many(
    a: i32,
    b: i32,
) -> i32 {
    let few = [a, b, a];
    if b > 3 { return sum(&few); }
    sum(&[b; 2])
}

#[no_mangle]
pub extern "C" fn run() -> ! {
    let n = many(2, 5);
    leave(n & 127)
}

core::arch::global_asm!(".globl _start", "_start: and rsp, -16", "call run");
