//! Compiles rules into a seccomp program.
//!
//! The kernel runs a new filter once for every system call it knows, to remember
//! which are always allowed. A chain of comparisons makes that the most
//! expensive step of a whole launch; a balanced tree over ranges of numbers with
//! the same rule is four times faster.
//!
//! ```text
//!  architecture ≠ ours ─────────▶ kill
//!  number ≥ 231 ? ──no──▶ number ≥ 59 ? ──▶ …
//!        └──────yes──▶ number ≥ 302 ? ──▶ … ──▶ rule of the range
//! ```

use std::collections::BTreeMap;

use syscall_policy::Rule;

use crate::syscalls::Instruction;

/// What becomes of the system calls in a range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// The policy has a rule.
    Ruled(Rule),
    /// The kernel does not have it, as it were.
    Unknown,
    /// The process is killed.
    Kill,
}

/// Numbers from here on are those of the x32 interface.
#[cfg(target_arch = "x86_64")]
const FOREIGN_NUMBERS: Option<u32> = Some(0x4000_0000);
#[cfg(target_arch = "aarch64")]
const FOREIGN_NUMBERS: Option<u32> = None;

/// The architecture that calls must be made for.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE_FIELD: u32 = 4;
const ARGUMENTS: u32 = 16;

// Classic BPF.
const LOAD: u16 = 0x20;
const JUMP: u16 = 0x05;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_AT_LEAST: u16 = 0x35;
const JUMP_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

const RETURN_ALLOW: u32 = 0x7fff_0000;
const RETURN_ERRNO: u32 = 0x0005_0000;
const RETURN_KILL: u32 = 0x8000_0000;

/// Compiles the rules of system calls by number; all others fail with `ENOSYS`.
pub(super) fn compile(rules: &BTreeMap<u32, Rule>) -> Vec<Instruction> {
    let mut program = vec![
        Instruction::new(LOAD, 0, 0, ARCHITECTURE_FIELD),
        Instruction::new(JUMP_EQUAL, 1, 0, ARCHITECTURE),
        Instruction::new(RETURN, 0, 0, RETURN_KILL),
        Instruction::new(LOAD, 0, 0, NUMBER),
    ];
    program.extend(tree(&ranges(rules)));
    program
}

/// Returns where each range of numbers with one rule begins, in order, from 0.
fn ranges(rules: &BTreeMap<u32, Rule>) -> Vec<(u32, Answer)> {
    let mut ranges = Vec::new();
    let mut next = 0;
    for (&number, &rule) in rules {
        if number > next {
            ranges.push((next, Answer::Unknown));
        }
        ranges.push((number, Answer::Ruled(rule)));
        next = number.saturating_add(1);
    }
    ranges.push((next, Answer::Unknown));
    ranges.extend(FOREIGN_NUMBERS.map(|first| (first, Answer::Kill)));
    ranges.dedup_by_key(|(_, answer)| *answer);
    ranges
}

/// Returns the instructions that find and apply the rule of the number loaded.
fn tree(ranges: &[(u32, Answer)]) -> Vec<Instruction> {
    let (lower, upper) = ranges.split_at(ranges.len() / 2);
    let Some(&(first, answer)) = upper.first() else {
        return Vec::new();
    };
    if lower.is_empty() {
        return leaf(answer);
    }
    let (lower, upper) = (tree(lower), tree(upper));
    let mut program = match u8::try_from(lower.len()) {
        Ok(distance) => vec![Instruction::new(JUMP_AT_LEAST, distance, 0, first)],
        // A conditional jump reaches 255 instructions, an unconditional one any.
        Err(_) => vec![
            Instruction::new(JUMP_AT_LEAST, 0, 1, first),
            Instruction::new(JUMP, 0, 0, length(&lower)),
        ],
    };
    program.extend(lower);
    program.extend(upper);
    program
}

/// Returns the instructions that give an answer.
fn leaf(answer: Answer) -> Vec<Instruction> {
    match answer {
        Answer::Ruled(rule) => apply(rule),
        Answer::Unknown => vec![fail(libc::ENOSYS)],
        Answer::Kill => vec![Instruction::new(RETURN, 0, 0, RETURN_KILL)],
    }
}

/// Returns the instructions that apply a rule.
fn apply(rule: Rule) -> Vec<Instruction> {
    match rule {
        Rule::Allow => vec![allow()],
        Rule::OneOf {
            argument,
            values,
            otherwise,
        } => {
            let mut program = vec![load(argument)];
            program.extend(allow_equal(values));
            program.push(fail(otherwise));
            program
        }
        Rule::NoneOf {
            argument,
            bits,
            otherwise,
        } => vec![
            load(argument),
            Instruction::new(JUMP_ANY_BIT, 1, 0, bits),
            allow(),
            fail(otherwise),
        ],
        Rule::Socket { values } => {
            let mut program = vec![load(0)];
            program.extend(allow_equal(values));
            program.extend([
                Instruction::new(JUMP_EQUAL, 0, 3, libc::AF_NETLINK as u32),
                load(2),
                Instruction::new(JUMP_EQUAL, 0, 1, libc::NETLINK_ROUTE as u32),
                allow(),
                fail(libc::EAFNOSUPPORT),
            ]);
            program
        }
    }
}

/// Returns instructions that allow the call if what is loaded is one of `values`.
fn allow_equal(values: &[u32]) -> impl Iterator<Item = Instruction> {
    values
        .iter()
        .flat_map(|&value| [Instruction::new(JUMP_EQUAL, 0, 1, value), allow()])
}

/// Loads the lower half of an argument: all those compared are of type `int`, or
/// flags that have no meaning in the upper half.
const fn load(argument: u32) -> Instruction {
    Instruction::new(LOAD, 0, 0, ARGUMENTS + 8 * argument)
}

const fn allow() -> Instruction {
    Instruction::new(RETURN, 0, 0, RETURN_ALLOW)
}

const fn fail(error: i32) -> Instruction {
    Instruction::new(RETURN, 0, 0, RETURN_ERRNO | error.cast_unsigned())
}

fn length(program: &[Instruction]) -> u32 {
    u32::try_from(program.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
