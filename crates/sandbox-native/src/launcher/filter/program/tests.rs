//! Runs compiled programs on an interpreter of the few instructions they use.

use super::*;

/// A system call as a filter sees it.
#[derive(Clone, Copy)]
struct Call {
    number: u32,
    architecture: u32,
    arguments: [u32; 6],
}

fn call(number: u32, arguments: [u32; 6]) -> Call {
    Call {
        number,
        architecture: ARCHITECTURE,
        arguments,
    }
}

/// Returns what `program` answers to `call`.
fn answer(program: &[Instruction], call: Call) -> u32 {
    let (mut at, mut loaded) = (0, 0);
    loop {
        let (code, jump_true, jump_false, k) = program[at].parts();
        at += 1;
        let branch = |taken| usize::from(if taken { jump_true } else { jump_false });
        match code {
            LOAD => {
                loaded = match k {
                    NUMBER => call.number,
                    ARCHITECTURE_FIELD => call.architecture,
                    k => call.arguments[((k - ARGUMENTS) / 8) as usize],
                }
            }
            JUMP => at += k as usize,
            JUMP_EQUAL => at += branch(loaded == k),
            JUMP_AT_LEAST => at += branch(loaded >= k),
            JUMP_ANY_BIT => at += branch(loaded & k != 0),
            RETURN => return k,
            code => panic!("no such instruction: {code:#x}"),
        }
    }
}

#[test]
fn every_number_gets_its_own_rule() {
    // Enough rules that both kinds of jump occur.
    let rules: BTreeMap<u32, Rule> = (0_u32..400)
        .filter(|number| number % 3 != 0)
        .map(|number| match number % 5 {
            0 => (
                number,
                Rule::OneOf {
                    argument: 0,
                    values: &[],
                    otherwise: number.cast_signed(),
                },
            ),
            1 => (
                number,
                Rule::OneOf {
                    argument: 1,
                    values: &[7, 9],
                    otherwise: libc::EPERM,
                },
            ),
            _ => (number, Rule::Allow),
        })
        .collect();
    let program = compile(&rules);

    for number in 0..1000 {
        let expected = match rules.get(&number) {
            Some(Rule::Allow) => RETURN_ALLOW,
            Some(Rule::OneOf {
                values: [],
                otherwise,
                ..
            }) => RETURN_ERRNO | otherwise.cast_unsigned(),
            Some(_) => RETURN_ERRNO | libc::EPERM as u32,
            None => RETURN_ERRNO | libc::ENOSYS as u32,
        };
        let answered = answer(&program, call(number, [0; 6]));
        assert_eq!(answered, expected, "system call {number}");
    }
}

#[test]
fn arguments_decide_where_a_rule_asks_for_them() {
    let flags = Rule::NoneOf {
        argument: 0,
        bits: 0x7e02_0000,
        otherwise: libc::EPERM,
    };
    let chosen = Rule::OneOf {
        argument: 1,
        values: &[0x5421],
        otherwise: libc::ENOTTY,
    };
    let socket = Rule::Socket { values: &[1, 2] };
    let program = compile(&BTreeMap::from([(56, flags), (16, chosen), (41, socket)]));
    let answer = |number, arguments| answer(&program, call(number, arguments));
    let refused = |error: i32| RETURN_ERRNO | error.cast_unsigned();

    assert_eq!(answer(56, [0x11, 0, 0, 0, 0, 0]), RETURN_ALLOW);
    assert_eq!(
        answer(56, [0x1000_0011, 0, 0, 0, 0, 0]),
        refused(libc::EPERM)
    );
    assert_eq!(answer(16, [0, 0x5421, 0, 0, 0, 0]), RETURN_ALLOW);
    assert_eq!(answer(16, [0, 0x5412, 0, 0, 0, 0]), refused(libc::ENOTTY));
    assert_eq!(answer(41, [2, 1, 0, 0, 0, 0]), RETURN_ALLOW);
    assert_eq!(answer(41, [16, 3, 0, 0, 0, 0]), RETURN_ALLOW);
    assert_eq!(answer(41, [16, 3, 9, 0, 0, 0]), refused(libc::EAFNOSUPPORT));
    assert_eq!(answer(41, [40, 1, 0, 0, 0, 0]), refused(libc::EAFNOSUPPORT));
}

#[test]
fn foreign_calls_end_the_process() {
    let program = compile(&BTreeMap::from([(0, Rule::Allow)]));
    let foreign = Call {
        architecture: 0x4000_0003,
        ..call(0, [0; 6])
    };

    assert_eq!(answer(&program, foreign), RETURN_KILL);
    if let Some(first) = FOREIGN_NUMBERS {
        assert_eq!(answer(&program, call(first, [0; 6])), RETURN_KILL);
    }
}
