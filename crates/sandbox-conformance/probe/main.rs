//! A program that stands in for cyclone: it does what it is told on its session.
//!
//! The session is where cyclone's would be: `--listen fd://3` or `--listen
//! stdio:`. Orders are lines, and so are answers; whatever could not be done is
//! answered `refused: …`. Built statically with the standard library alone, and
//! started as pid 1 of a sandbox with one thread.

mod calls;
mod network;
mod processes;
mod usage;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::FromRawFd as _;

use network::Held;

fn main() {
    processes::die_with_parent();
    if let Some(order) = processes::order_of_another() {
        return println!("{}", obey(&order, &mut Held::default()));
    }
    let (input, mut output) = session();
    let mut held = Held::default();
    for order in input.lines() {
        let Ok(order) = order else { return };
        let answer = obey(&order, &mut held).replace('\n', " ");
        if writeln!(output, "{answer}")
            .and_then(|()| output.flush())
            .is_err()
        {
            return;
        }
    }
}

/// Opens the session that the command line names.
fn session() -> (Box<dyn BufRead>, Box<dyn Write>) {
    let arguments: Vec<String> = std::env::args().collect();
    let listen = arguments
        .iter()
        .position(|it| it == "--listen")
        .and_then(|at| arguments.get(at + 1));
    let (input, output) = match listen.map(String::as_str) {
        Some("stdio:") => (0, 1),
        Some("fd://3") => (3, 3),
        other => panic!("no session at {other:?}"),
    };
    // SAFETY: the engine leaves these open for the session and nobody else uses
    // them.
    let input = unsafe { File::from_raw_fd(input) };
    let output = match output {
        3 => input.try_clone().unwrap(),
        // SAFETY: as above.
        other => unsafe { File::from_raw_fd(other) },
    };
    (Box::new(BufReader::new(input)), Box::new(output))
}

fn obey(order: &str, held: &mut Held) -> String {
    let (order, argument) = order.split_once(' ').unwrap_or((order, ""));
    match order {
        "pid" => std::process::id().to_string(),
        "arguments" => std::env::args().collect::<Vec<_>>().join("|"),
        "environment" => names(std::env::vars().map(|(name, _)| name)),
        "status" => status(argument),
        "list" => outcome(list(argument)),
        "read" => outcome(fs::read(argument).map(|it| String::from_utf8_lossy(&it).into_owned())),
        "write" => outcome(fs::write(argument, "x").map(|()| "written".to_owned())),

        "interfaces" => outcome(network::interfaces()),
        "connect" => outcome(network::connect(argument)),
        "send" => outcome(network::send(argument)),
        "listen" => outcome(held.listen(argument)),
        "connect-abstract" => outcome(network::connect_abstract(argument)),
        "listen-abstract" => outcome(held.listen_abstract(argument)),

        "call" => calls::plain(argument),
        "foreign-call" => calls::of_another_architecture(),

        "fill-memory" => usage::fill_memory(),
        "fill-memory-in-child" => processes::in_child(|| usage::fill_memory()),
        "fill-disk" => usage::fill_disk(),
        "fill-inodes" => usage::fill_inodes(),
        "spin" => usage::spin(),
        "spin-in-child" => processes::leave_child(|| usage::spin()),
        "burn" => usage::burn(argument),

        "run" => outcome(processes::run(argument)),
        "fork-until-refused" => processes::fork_until_refused(),
        "fork-storm" => processes::fork_storm(),
        "wait" => processes::wait(argument.parse().unwrap()),
        "is-running" => processes::is_running(argument),
        "signal-everything" => processes::signal_everything(),
        "die-by" => processes::die_by(argument),
        "exit" => std::process::exit(argument.parse().unwrap()),
        order => format!("no such order: {order}"),
    }
}

/// Returns a field of this process's status.
fn status(field: &str) -> String {
    let read = fs::read_to_string("/proc/self/status").map(|status| {
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        line.unwrap_or("missing")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    });
    outcome(read)
}

fn list(directory: &str) -> io::Result<String> {
    let entries = fs::read_dir(directory)?.flatten();
    Ok(names(entries.map(|entry| {
        entry.file_name().to_string_lossy().into_owned()
    })))
}

fn names(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.join(",")
}

fn outcome(result: io::Result<String>) -> String {
    result.unwrap_or_else(|error| format!("refused: {error}"))
}
