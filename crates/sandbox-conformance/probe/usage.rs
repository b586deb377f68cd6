//! Using up what there is.

use std::fs::File;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use crate::processes;

/// Takes memory until that is the end.
pub fn fill_memory() -> String {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(vec![1; 1 << 20]);
    }
}

/// Writes until there is no room, and names the error.
pub fn fill_disk() -> String {
    let mut file = match File::create("/tmp/full") {
        Ok(file) => file,
        Err(error) => return named(&error),
    };
    loop {
        if let Err(error) = file.write_all(&[1; 65536]) {
            return named(&error);
        }
    }
}

/// Makes empty files until there can be no more, and names the error.
pub fn fill_inodes() -> String {
    for number in 0_u64.. {
        if let Err(error) = File::create(format!("/tmp/empty-{number}")) {
            return named(&error);
        }
    }
    unreachable!("there are not that many")
}

fn named(error: &io::Error) -> String {
    format!("{:?}", error.kind())
}

/// Uses the processor for ever.
pub fn spin() -> String {
    loop {
        std::hint::black_box(0);
    }
}

/// Has some processes spin for some milliseconds, and returns the milliseconds
/// that they have used and those that have passed.
pub fn burn(argument: &str) -> String {
    let (millis, processes) = argument.split_once(' ').unwrap();
    let time = Duration::from_millis(millis.parse().unwrap());
    let processes: usize = processes.parse().unwrap();
    let started = Instant::now();
    let children: Vec<i32> = (0..processes)
        .filter_map(|_| {
            let child = processes::leave_child(|| {
                while started.elapsed() < time {
                    std::hint::black_box(0);
                }
                String::new()
            });
            child.parse().ok()
        })
        .collect();
    for child in children {
        processes::wait(child);
    }
    let passed = started.elapsed().as_millis();
    format!("{} {passed}", of_children().as_millis())
}

/// Returns the processor time of the children that were waited for.
fn of_children() -> Duration {
    #[repr(C)]
    struct Usage {
        user: [i64; 2],
        system: [i64; 2],
        rest: [i64; 14],
    }
    unsafe extern "C" {
        fn getrusage(who: i32, usage: *mut Usage) -> i32;
    }
    const RUSAGE_CHILDREN: i32 = -1;

    let mut usage = Usage {
        user: [0; 2],
        system: [0; 2],
        rest: [0; 14],
    };
    // SAFETY: `usage` has the layout that the kernel writes, and is valid for
    // the length of the call.
    unsafe { getrusage(RUSAGE_CHILDREN, &mut usage) };
    let time = |[seconds, micros]: [i64; 2]| {
        Duration::from_secs(seconds.unsigned_abs()) + Duration::from_micros(micros.unsigned_abs())
    };
    std::hint::black_box(&usage.rest);
    time(usage.user) + time(usage.system)
}
